import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Clock } from '@vedette/runtime';
import { type DeviceAddress, deviceAddress } from './device-address.ts';
import { type ProbeMatch, probeMessage, readProbeMatches } from './discovery-message.ts';

export interface NetworkInterface {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  readonly prefix: number;
}

export type OnMatch = (match: ProbeMatch, at: DeviceAddress) => void;

const GROUP = '239.255.255.250';
const PORT = 3702;
/** Datagrams get lost, and some devices answer one kind of probe only. */
const ROUNDS = 3;
const ROUND_MS = 1000;
const LAST_WAIT_MS = 2000;
const MAX_ANSWER = 64 * 1024;

/** IPv4 addresses of this machine that multicast can go out from. */
export function ipv4Interfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr }) => ({ name, address, prefix: Number(cidr?.split('/')[1] ?? 32) })),
  );
}

/** Asks one network who is there; resolves when the time to answer is over. Rejects when it cannot be asked. */
export async function probeNetwork(
  network: NetworkInterface,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly onMatch: OnMatch },
): Promise<void> {
  const { clock, onMatch, signal } = options;
  const messageIds = new Set<string>();
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    socket.bind({ address: network.address, port: 0 });
    await once(socket, 'listening', { signal });
    socket.setMulticastInterface(network.address);
    socket.setMulticastTTL(1);
    socket.on('error', () => undefined);
    socket.on('message', (data, from) => {
      if (data.byteLength > MAX_ANSWER) return;
      for (const match of readProbeMatches(data.toString('utf8'), messageIds))
        onMatch(match, deviceAddress(match.addresses, from.address, network));
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const typed of [true, false]) {
        const id = randomUUID();
        messageIds.add(id);
        await send(socket, probeMessage(id, typed));
      }
      await clock.sleep(round + 1 < ROUNDS ? ROUND_MS : LAST_WAIT_MS, signal);
    }
  } finally {
    socket.close();
  }
}

function send(socket: Socket, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, PORT, GROUP, (error) => (error === null ? resolve() : reject(error)));
  });
}
