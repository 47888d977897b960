// Enters: an address. Leaves: the one server that all keys are on now.
// Looked up anew for every connection: after a failover or a move of the slot that is another server.
import { type Clock, VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { answeredWithin } from './answered-within.ts';
import type { HostPort, RedisAddress } from './redis-address.ts';
import { makeClient, type RedisClient, type RedisLogin, type ServerPlace } from './redis-client.ts';

/** Of one that is asked; then the next is. */
const ANSWER_MS = 2000;
/** All keys hold it, so that they share a slot. */
export const HASH_TAG = '{vedette}';

const MasterReply = z.union([z.tuple([z.string(), z.coerce.number()]), z.null()]);
const SlotsReply = z.array(
  z.tuple([z.number(), z.number(), z.tuple([z.string().nullable(), z.number()], z.unknown())], z.unknown()),
);

/** Throws `unavailable` when nobody who is asked knows. */
export async function locateRedis(address: RedisAddress, clock: Pick<Clock, 'after'>): Promise<ServerPlace> {
  const { kind, masterName, socketPath } = address;
  if (socketPath !== undefined) return { socketPath };
  if (kind === 'sentinel') {
    return firstAnswer({ address, login: {}, clock }, async (sentinel) => {
      const asked = ['SENTINEL', 'get-master-addr-by-name', masterName ?? ''];
      const master = MasterReply.parse(await sentinel.sendCommand(asked));
      return master === null ? undefined : { host: master[0], port: master[1] };
    });
  }
  if (kind === 'cluster') return firstAnswer({ address, login: address, clock }, ownerOfTag);
  const [host] = address.hosts;
  if (host === undefined) throw new VedetteError('unavailable', { detail: 'The Redis address has no host.' });
  return host;
}

async function ownerOfTag(node: RedisClient, asked: HostPort): Promise<HostPort | undefined> {
  const slot = z.number().parse(await node.sendCommand(['CLUSTER', 'KEYSLOT', HASH_TAG]));
  const ranges = SlotsReply.parse(await node.sendCommand(['CLUSTER', 'SLOTS']));
  const range = ranges.find(([first, last]) => first <= slot && slot <= last);
  if (range === undefined) return undefined;
  const [host, port] = range[2];
  // A node that does not know its own name says nothing: the one that it was asked by.
  return { host: host === null || host === '' || host === '?' ? asked.host : host, port };
}

async function firstAnswer(
  asked: {
    readonly address: RedisAddress;
    readonly login: RedisLogin;
    readonly clock: Pick<Clock, 'after'>;
  },
  ask: (client: RedisClient, host: HostPort) => Promise<HostPort | undefined>,
): Promise<HostPort> {
  const { address, clock, login } = asked;
  let cause: unknown;
  for (const host of address.hosts) {
    const client = makeClient(host, address.tls, login);
    client.on('error', (error) => {
      cause = error;
    });
    try {
      const found = await answeredWithin(
        client.connect().then(() => ask(client, host)),
        ANSWER_MS,
        clock,
      );
      if (found !== undefined) return found;
    } catch (error) {
      cause = error;
    } finally {
      client.destroy();
    }
  }
  throw new VedetteError('unavailable', { detail: 'Nobody knows where Redis is now.', cause });
}
