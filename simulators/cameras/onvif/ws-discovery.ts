// In: WS-Discovery probes by multicast. Out: one ProbeMatch datagram for each camera that fits.
import { createSocket, type Socket } from 'node:dgram';
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Log } from '@vedette/runtime';
import { DEVICE_PATH, deviceScopes } from './device-service.ts';
import { escapeXml, parseEnvelope, type SoapRequest, text } from './soap.ts';

export interface DiscoverableCamera {
  readonly name: string;
  /** `urn:uuid:` address that stays the same over restarts. */
  readonly endpoint: string;
  readonly port: number;
}

const GROUP = '239.255.255.250';
const PORT = 3702;
const MAX_PROBE = 8 * 1024;
/** Answers sent in one go, so that a prober's socket buffer holds them. */
const BURST = 16;
const BURST_PAUSE_MS = 5;
/** A prober is answered this often; more would make us a means of flooding others. */
const MIN_INTERVAL_MS = 200;

/**
 * Answers probes (WS-Discovery 2005/04, section 5.3). Only hosts on a network of this machine are answered,
 * and when the cameras are on loopback only this machine itself.
 */
export class WsDiscovery {
  readonly #bind: string;
  readonly #cameras: () => readonly DiscoverableCamera[];
  readonly #log: Log;
  readonly #answered = new Map<string, number>();
  #socket: Socket | undefined;

  constructor(options: { bind: string; cameras: () => readonly DiscoverableCamera[]; log: Log }) {
    this.#bind = options.bind;
    this.#cameras = options.cameras;
    this.#log = options.log;
  }

  /** True once it listens; false, with a line in the log, where multicast is not to be had. */
  async open(): Promise<boolean> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ port: PORT, exclusive: false }, () => resolve());
      });
      const joined = ipv4Addresses().filter(({ address }) => join(socket, address));
      if (joined.length === 0) throw new Error('no interface lets us join the group');
    } catch (error) {
      socket.close();
      this.#log.warn({ err: error }, 'WS-Discovery is off: multicast is not available');
      return false;
    }
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.#log.warn({ err: error }, 'WS-Discovery socket'));
    socket.on('message', (message, from) => this.#hear(message, from));
    this.#socket = socket;
    return true;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #hear(message: Buffer, from: { address: string; port: number }): void {
    const host = this.#hostFor(from.address);
    if (host === undefined || message.length > MAX_PROBE) return;
    let probe: SoapRequest;
    try {
      probe = parseEnvelope(message.toString('utf8'));
    } catch {
      return;
    }
    const messageId = text(probe.header, 'MessageID');
    if (probe.action !== 'Probe' || messageId === undefined || messageId.length > 256) return;
    if (!this.#mayAnswer(`${from.address}:${from.port}`)) return;
    const answers = this.#cameras()
      .filter((camera) => matchesProbe(probe, deviceScopes(camera.name)))
      .map((camera) => probeMatch(camera, `http://${host}:${camera.port}${DEVICE_PATH}`, messageId));
    this.#send(answers, from);
  }

  #send(answers: readonly string[], to: { address: string; port: number }): void {
    for (const answer of answers.slice(0, BURST)) {
      this.#socket?.send(answer, to.port, to.address, () => {});
    }
    const rest = answers.slice(BURST);
    if (rest.length > 0) setTimeout(() => this.#send(rest, to), BURST_PAUSE_MS).unref();
  }

  #mayAnswer(prober: string): boolean {
    const now = performance.now();
    for (const [old, at] of this.#answered) {
      if (now - at < MIN_INTERVAL_MS) break;
      this.#answered.delete(old);
    }
    if (this.#answered.has(prober)) return false;
    this.#answered.set(prober, now);
    return true;
  }

  /** Our address on the prober's network; nothing when it is on none, or may not reach the cameras. */
  #hostFor(prober: string): string | undefined {
    const ours = ipv4Addresses();
    const isLocal = ours.some(({ address }) => address === prober);
    if (this.#bind.startsWith('127.')) return isLocal ? this.#bind : undefined;
    const near = ours.find(({ address, prefix }) => {
      const network = new BlockList();
      network.addSubnet(address, prefix);
      return network.check(prober);
    });
    if (near === undefined) return undefined;
    return isIPv4(this.#bind) && this.#bind !== '0.0.0.0' ? this.#bind : near.address;
  }
}

function ipv4Addresses(): { address: string; prefix: number }[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr }) => ({ address, prefix: Number(cidr?.split('/')[1] ?? 32) })),
  );
}

function join(socket: Socket, address: string): boolean {
  try {
    socket.addMembership(GROUP, address);
    return true;
  } catch {
    return false;
  }
}

/** Types by local name, scopes by prefix at a segment's end (WS-Discovery section 5.1, rfc2396 rule). */
export function matchesProbe(probe: SoapRequest, scopes: readonly string[]): boolean {
  const types = (text(probe.parameters, 'Types') ?? '').split(/\s+/).filter(Boolean);
  const known = types.every((type) => /^(?:.*:)?(NetworkVideoTransmitter|Device)$/.test(type));
  const wanted = (text(probe.parameters, 'Scopes') ?? '').split(/\s+/).filter(Boolean);
  return (
    known &&
    wanted.every((want) =>
      scopes.some((scope) => scope === want || scope.startsWith(`${want.replace(/\/$/, '')}/`)),
    )
  );
}

function probeMatch(camera: DiscoverableCamera, address: string, relatesTo: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>' +
    `<a:MessageID>urn:uuid:${crypto.randomUUID()}</a:MessageID><a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>` +
    '<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>' +
    '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body>' +
    `<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>${camera.endpoint}</a:Address></a:EndpointReference>` +
    `<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${deviceScopes(camera.name).join(' ')}</d:Scopes>` +
    `<d:XAddrs>${address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`
  );
}
