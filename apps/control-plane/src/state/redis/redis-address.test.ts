import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisAddress, type RedisAddress, RedisAddressError } from './redis-address.ts';

const plain: RedisAddress = {
  kind: 'single',
  hosts: [{ host: 'localhost', port: 6379 }],
  socketPath: undefined,
  masterName: undefined,
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
};

const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/);
const secret = fc.string({ minLength: 1, unit: 'binary' });
const port = fc.integer({ min: 1, max: 65_535 });
const place = fc.oneof(fc.tuple(word, port), fc.tuple(fc.ipV4(), port), fc.tuple(fc.ipV6(), port));
const login = fc.option(fc.tuple(fc.option(word, { nil: '' }), secret), { nil: undefined });
const database = fc.integer({ min: 0, max: 9999 });

function written([host, number]: readonly [string, number]): string {
  return `${host.includes(':') ? `[${host}]` : host}:${number}`;
}

function loginText(of: readonly [string, string] | undefined): string {
  return of === undefined ? '' : `${encodeURIComponent(of[0])}:${encodeURIComponent(of[1])}@`;
}

function loginOf(of: readonly [string, string] | undefined) {
  return { username: of?.[0] === '' ? undefined : of?.[0], password: of?.[1] };
}

describe('an address of Redis', () => {
  it.each<[string, Partial<RedisAddress>]>([
    ['redis://localhost', {}],
    ['redis://localhost/', {}],
    ['redis://localhost:7000/3', { hosts: [{ host: 'localhost', port: 7000 }], database: 3 }],
    ['rediss://:p%40ss@localhost', { tls: true, password: 'p@ss' }],
    ['redis://anna@localhost', { username: 'anna' }],
    ['redis://[::1]:1', { hosts: [{ host: '::1', port: 1 }] }],
    ['unix:///run/redis/redis.sock?db=2', { hosts: [], socketPath: '/run/redis/redis.sock', database: 2 }],
    ['redis+unix://:s@/run/r.sock', { hosts: [], socketPath: '/run/r.sock', password: 's' }],
    [
      'redis+sentinel://u:p@h1:26380,h2/mymaster/1',
      {
        kind: 'sentinel',
        hosts: [
          { host: 'h1', port: 26_380 },
          { host: 'h2', port: 26_379 },
        ],
        masterName: 'mymaster',
        username: 'u',
        password: 'p',
        database: 1,
      },
    ],
    [
      'rediss+cluster://h1:6380,h2',
      {
        kind: 'cluster',
        tls: true,
        hosts: [
          { host: 'h1', port: 6380 },
          { host: 'h2', port: 6379 },
        ],
      },
    ],
  ])('may be %s', (url, expected) => {
    expect(parseRedisAddress(url)).toEqual({ ...plain, ...expected });
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:99999',
    'redis://a:1:2',
    'redis://a/b',
    'redis://a/1/2',
    'redis://a/-1',
    'redis://a?db=1',
    'redis://a#b',
    'redis://%zz@a',
    'redis://u:p@w@a',
    'unix://host/path',
    'unix://',
    'unix:///a?db=x',
    'redis+sentinel://a:1',
    'redis+sentinel://a:1/',
    'redis+sentinel:///master',
    'redis+cluster://a,,b',
    'redis+cluster://a/1',
  ])('is refused when it is %j', (url) => {
    expect(() => parseRedisAddress(url)).toThrow(RedisAddressError);
  });

  it('says all that was written into it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('redis', 'rediss', 'redis+sentinel', 'rediss+sentinel', 'redis+cluster'),
        fc.array(place, { minLength: 1, maxLength: 3 }),
        login,
        word,
        database,
        (scheme, places, user, master, number) => {
          const kind = scheme.endsWith('sentinel')
            ? 'sentinel'
            : scheme.endsWith('cluster')
              ? 'cluster'
              : 'single';
          const hosts = kind === 'single' ? places.slice(0, 1) : places;
          const path = kind === 'sentinel' ? `/${master}/${number}` : kind === 'single' ? `/${number}` : '';
          const url = `${scheme}://${loginText(user)}${hosts.map(written).join(',')}${path}`;
          expect(parseRedisAddress(url)).toEqual({
            ...plain,
            kind,
            tls: scheme.startsWith('rediss'),
            hosts: hosts.map(([host, at]) => ({ host, port: at })),
            masterName: kind === 'sentinel' ? master : undefined,
            database: kind === 'cluster' ? 0 : number,
            ...loginOf(user),
          });
        },
      ),
    );
  });

  it('never fails otherwise, and never shows the password', () => {
    const password = 'hunter2hunter2';
    const parts = fc.constantFrom(
      'redis://',
      'redis+sentinel://',
      'unix://',
      `u:${password}@`,
      'h',
      ':1',
      '/',
      ',',
      '?',
      '@',
      '%',
      '[',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (list) => {
        try {
          parseRedisAddress(list.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(RedisAddressError);
          expect(String(error)).not.toContain(password);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
