import { createClient } from '@redis/client';
import type { HostPort, RedisAddress } from './redis-address.ts';

const CONNECT_MS = 2000;
/** Commands that wait for an answer; above this they fail at once. */
const MAX_WAITING = 10_000;

export type RedisClient = ReturnType<typeof makeClient>;
/** Where one server listens. */
export type ServerPlace = HostPort | { readonly socketPath: string };
export type RedisLogin = Partial<Pick<RedisAddress, 'username' | 'password' | 'database'>>;

/** Connects once and not again: who uses it decides what to do when it breaks, and where to look then. */
export function makeClient(place: ServerPlace, tls: boolean, login: RedisLogin) {
  const { database, password, username } = login;
  const common = { connectTimeout: CONNECT_MS, reconnectStrategy: false } as const;
  return createClient({
    socket:
      'socketPath' in place
        ? { ...common, path: place.socketPath, tls: false }
        : tls
          ? { ...common, host: place.host, port: place.port, tls: true }
          : { ...common, host: place.host, port: place.port },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined || database === 0 ? {} : { database }),
    name: 'vedette',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    // Calls are bounded by redis-connection.ts, without a signal for each.
    commandOptions: { timeout: undefined },
    maintNotifications: 'disabled',
    disableClientInfo: true,
  });
}
