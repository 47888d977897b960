/** Where Redis is, as REDIS_URL says it. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** Servers; of a sentinel address the sentinels, of a cluster some of its nodes. Empty for a socket. */
  readonly hosts: readonly HostPort[];
  /** Of a Unix socket. */
  readonly socketPath: string | undefined;
  /** Name of the master that sentinels watch. */
  readonly masterName: string | undefined;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Says what is wrong with an address, never the address: it may hold a password. */
export class RedisAddressError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RedisAddressError';
  }
}

const SCHEMES: Readonly<Record<string, Pick<RedisAddress, 'kind' | 'tls'> & { readonly isSocket?: true }>> = {
  redis: { kind: 'single', tls: false },
  rediss: { kind: 'single', tls: true },
  'redis+unix': { kind: 'single', tls: false, isSocket: true },
  unix: { kind: 'single', tls: false, isSocket: true },
  'redis+sentinel': { kind: 'sentinel', tls: false },
  'rediss+sentinel': { kind: 'sentinel', tls: true },
  'redis+cluster': { kind: 'cluster', tls: false },
  'rediss+cluster': { kind: 'cluster', tls: true },
};
const URL_PARTS = /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/;
const HOST_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?$/;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
const MAX_DATABASE = 9999;

/**
 * Reads `redis://`, `rediss://`, `unix:///path?db=1`, `redis+sentinel://h1,h2/master/db` and `redis+cluster://h1,h2`,
 * each with `user:password@` where needed (percent-encoded). Throws RedisAddressError.
 */
export function parseRedisAddress(url: string): RedisAddress {
  const parts = URL_PARTS.exec(url);
  const scheme = parts?.[1] === undefined ? undefined : SCHEMES[parts[1]];
  if (parts === null || scheme === undefined) {
    throw new RedisAddressError(`is none of ${Object.keys(SCHEMES).join('://, ')}://`);
  }
  const [, , userInfo, hosts = '', path = '', query] = parts;
  const common = { kind: scheme.kind, tls: scheme.tls, ...credentialsOf(userInfo) };
  if (scheme.isSocket) {
    if (hosts !== '' || path.length < 2) throw new RedisAddressError('a socket is named unix:///path');
    const database = databaseOf(socketDatabase(query));
    return { ...common, hosts: [], socketPath: decode(path), masterName: undefined, database };
  }
  if (query !== undefined) throw new RedisAddressError('has a query, which means nothing here');
  const port = scheme.kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT;
  const place = { hosts: hosts.split(',').map((host) => hostOf(host, port)), socketPath: undefined };
  if (scheme.kind === 'single' && place.hosts.length > 1) {
    throw new RedisAddressError('names several servers: use redis+sentinel:// or redis+cluster://');
  }
  const segments = path.split('/').slice(1).map(decode);
  if (segments.at(-1) === '') segments.pop();
  const masterName = scheme.kind === 'sentinel' ? segments.shift() : undefined;
  if (scheme.kind === 'sentinel' && (masterName === undefined || masterName === '')) {
    throw new RedisAddressError('names no master: redis+sentinel://host:26379/mastername');
  }
  const database = databaseOf(segments.shift());
  if (segments.length > 0) throw new RedisAddressError('has more after its database number');
  if (scheme.kind === 'cluster' && database !== 0) {
    throw new RedisAddressError('names a database, and a cluster has one only');
  }
  return { ...common, ...place, masterName, database };
}

function credentialsOf(userInfo: string | undefined): Pick<RedisAddress, 'username' | 'password'> {
  if (userInfo === undefined || userInfo === '') return { username: undefined, password: undefined };
  const colon = userInfo.indexOf(':');
  const username = decode(colon < 0 ? userInfo : userInfo.slice(0, colon));
  const password = colon < 0 ? undefined : decode(userInfo.slice(colon + 1));
  return {
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
  };
}

function hostOf(text: string, defaultPort: number): HostPort {
  const [, bracketed, plain, digits] = HOST_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new RedisAddressError('has a host that cannot be read');
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535) throw new RedisAddressError('has a port that is none');
  return { host, port };
}

function socketDatabase(query: string | undefined): string | undefined {
  if (query === undefined) return undefined;
  const [, number] = /^db=([0-9]+)$/.exec(query) ?? [];
  if (number === undefined) throw new RedisAddressError('has a query other than db=number');
  return number;
}

function databaseOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^[0-9]{1,4}$/.test(text) || Number(text) > MAX_DATABASE) {
    throw new RedisAddressError('has a database that is no number');
  }
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisAddressError('has a percent sign that encodes nothing');
  }
}
