import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CameraId, NodeId, StreamPath } from '@vedette/contracts';
import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { type OpenRedis, openRedis } from '../../apps/control-plane/src/state/redis/open-redis.ts';
import type { StreamRecord } from '../../apps/control-plane/src/state/shared-state.ts';
import { createLog, silentLog, systemClock } from '../../packages/runtime/src/index.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { Redis, redisProgram } from '../support/redis.ts';
import { RedisSentinel } from '../support/redis-sentinel.ts';

const program = redisProgram() ?? '';
const NODE = NodeId.parse('node-1');
const UNAVAILABLE = { code: 'unavailable' };

/** Servers and control processes of one test; they end with it. */
class World {
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
  }

  async server(...extra: string[]): Promise<Redis> {
    const redis = await Redis.start(program, extra);
    this.#context.onTestFinished(() => redis[Symbol.asyncDispose]());
    return redis;
  }

  async sentinel(master: Redis): Promise<RedisSentinel> {
    const sentinel = await RedisSentinel.start(program, master.port);
    this.#context.onTestFinished(() => sentinel[Symbol.asyncDispose]());
    return sentinel;
  }

  /** Patient unless told otherwise: other tests want the processors, too. */
  async process(url: string, answerMs = 10_000): Promise<OpenRedis & { readonly gaps: readonly string[] }> {
    const rest = { clock: systemClock, log: silentLog(), random: Math.random };
    const opened = await openRedis({ url, answerMs, ...rest });
    this.#context.onTestFinished(() => opened.close());
    const gaps: string[] = [];
    opened.board.onGap((gap) => gaps.push(gap));
    return Object.assign(opened, { gaps });
  }
}

function place({ state }: OpenRedis, camera: string, nowMs = Date.now()): Promise<StreamRecord | undefined> {
  const stream = {
    path: StreamPath.parse(`cam_${camera}`),
    cameraId: CameraId.parse(camera),
    profile: 'main',
    ttlMs: 15_000,
    alwaysOn: false,
    budgets: [],
  } as const;
  return state.ensureStream({ stream, budgets: [], ranking: [NODE], nowMs });
}

// Each has servers of its own, and mostly waits.
describe.skipIf(program === '').concurrent('shared state when Redis', () => {
  it('was emptied: whoever finds out is told before anybody goes on, and fences still grow', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const [one, other] = [await world.process(redis.url), await world.process(redis.url)];
    const before = await place(one, 'a', Date.now() + 3_600_000);
    await redis.ask('FLUSHALL');
    await expect(one.state.streams()).rejects.toMatchObject(UNAVAILABLE);
    expect(one.gaps).toEqual(['emptied']);
    expect(await one.state.streams()).toEqual([]);
    // Its clock is an hour behind what gave the first fence.
    expect((await place(one, 'a'))?.fence).toBeGreaterThan(before?.fence ?? Number.NaN);
    expect(other.gaps).toEqual([]);
    await expect(place(other, 'a')).rejects.toMatchObject(UNAVAILABLE);
    expect(other.gaps).toEqual(['emptied']);
    expect(await other.state.streams()).toHaveLength(1);
  });

  it('was emptied: many calls at once find out together, and once', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await world.process(redis.url);
    await redis.ask('FLUSHALL');
    const calls = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => place(one, `c${i}`)));
    expect(calls.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(one.gaps).toEqual(['emptied']);
    expect(await place(one, 'last')).toBeDefined();
  });

  it('is killed and started again: calls fail at once, then all is as on the first day', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await world.process(redis.url);
    const woken: NodeId[] = [];
    one.state.onDesiredChange((nodeId) => woken.push(nodeId));
    await place(one, 'a');
    await redis.kill();
    await eventually('the loss is seen', () => !one.isConnected);
    const startedAt = performance.now();
    await expect(one.state.streams()).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - startedAt).toBeLessThan(500);
    await redis.startAgain();
    await eventually('it is told', () => one.gaps.includes('missed') && one.gaps.includes('emptied'));
    expect(await one.state.streams()).toEqual([]);
    woken.splice(0);
    await place(one, 'b');
    await eventually('it listens again', () => woken.includes(NODE));
  });

  it('comes back as it was a while ago: what was answered since is missed, and all is begun anew', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await world.process(redis.url);
    await place(one, 'a');
    await redis.ask('SAVE');
    const before = await place(one, 'b');
    await redis.kill();
    await redis.startAgain();
    await eventually('it is told', () => one.gaps.includes('missed'));
    expect(one.gaps).toContain('emptied');
    expect(await one.state.streams()).toEqual([]);
    expect((await place(one, 'b'))?.fence).toBeGreaterThan(before?.fence ?? Number.NaN);
    await eventually('nothing of it is left', async () => {
      const keys = z
        .string()
        .array()
        .parse(await redis.ask('KEYS', '*'));
      return new Set(keys.map((key) => key.split(':')[1])).size === 2;
    });
  });

  it('comes back with all that it had: nothing is begun anew', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await world.process(redis.url);
    const before = await place(one, 'a');
    await redis.ask('SAVE');
    await redis.kill();
    await redis.startAgain();
    await eventually('it is told', () => one.gaps.includes('missed'));
    expect(one.gaps).toEqual(['missed']);
    expect(await one.state.streams()).toEqual([before]);
  });

  it('says nothing: calls fail within a second or so, and it is left for a new connection', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await eventually('it is there', () => world.process(redis.url, 1000));
    await eventually('it has answered', () => place(one, 'a'));
    redis.signal('SIGSTOP');
    const startedAt = performance.now();
    await expect(one.state.streams()).rejects.toMatchObject(UNAVAILABLE);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(3000);
    await eventually('the silence is noticed', () => !one.isConnected);
    redis.signal('SIGCONT');
    await eventually('it is back', () => one.isConnected);
    await eventually('it is told', () => one.gaps.includes('missed'));
    const streams = await eventually('it answers', () => one.state.streams());
    expect(streams).toHaveLength(1);
    expect(one.gaps).not.toContain('emptied');
  });

  it('has forgotten the scripts: they are sent again', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    const one = await world.process(redis.url);
    await redis.ask('SCRIPT', 'FLUSH');
    expect(await place(one, 'a')).toBeDefined();
    expect(one.gaps).toEqual([]);
  });

  it('asks for a password: nobody gets in without it, and no error shows it', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    // As docs/decisions/0016 says.
    const rights = ['~{vedette}*', '&{vedette}*', '+@all', '-@dangerous', '+info', '+role'];
    await redis.ask('ACL', 'SETUSER', 'vedette', 'on', '>right/word', ...rights);
    const address = (word: string) =>
      redis.url.replace('//', `//vedette:${encodeURIComponent(word)}@`).concat('/3');
    const refused = await world.process(address('wrong-word')).catch((error: unknown) => error);
    expect(refused).toMatchObject(UNAVAILABLE);
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('wrong-word');
    expect(await place(await world.process(address('right/word')), 'a')).toBeDefined();
  });

  it('is set to forget what it keeps when it is full: that is warned of', async (context) => {
    const redis = await new World(context).server(
      '--maxmemory',
      '100mb',
      '--maxmemory-policy',
      'allkeys-lru',
    );
    const said: string[] = [];
    const log = createLog({ name: 'test', level: 'error', write: (line) => said.push(line) });
    const opened = await openRedis({
      url: redis.url,
      answerMs: 10_000,
      clock: systemClock,
      log,
      random: Math.random,
    });
    opened.close();
    expect(said.join()).toContain('noeviction');
  });

  it('speaks TLS: only one with a certificate that is trusted is spoken to', async (context) => {
    const world = new World(context);
    const folder = mkdtempSync(join(tmpdir(), 'vedette-redis-tls-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const tlsPort = await freePort();
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    await world.server('--tls-port', String(tlsPort), ...files);
    const url = `rediss://localhost:${tlsPort}`;
    await expect(world.process(url)).rejects.toMatchObject(UNAVAILABLE);
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, readFileSync(cert, 'utf8')]);
    context.onTestFinished(() => setDefaultCACertificates(before));
    expect(await place(await world.process(url), 'a')).toBeDefined();
  });

  it('cannot be reached at the start: that is said', async (context) => {
    const world = new World(context);
    const redis = await world.server();
    await redis.kill();
    await expect(world.process(redis.url)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('fails over to a replica: the sentinels say where it is now', async (context) => {
    const world = new World(context);
    const master = await world.server('--repl-diskless-sync-delay', '0');
    const replica = await world.server('--replicaof', '127.0.0.1', String(master.port));
    await eventually('the replica follows', async () =>
      String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'),
    );
    const sentinel = await world.sentinel(master);
    const one = await eventually('the sentinel answers', () => world.process(sentinel.url));
    const stream = await place(one, 'a');
    await eventually('the replica has it', async () => Number(await replica.ask('DBSIZE')) > 5);
    await master.kill();
    await eventually('the replica is the master', () => one.isConnected && place(one, 'b'), {
      withinMs: 20_000,
    });
    expect(one.gaps).toContain('missed');
    expect(await one.state.streams()).toContainEqual(stream);
  });

  it('is a cluster: all is on the one node that has the slot, also when that moves', async (context) => {
    const world = new World(context);
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
    const [first, second] = [await world.server(...cluster), await world.server(...cluster)];
    const slot = Number(await first.ask('CLUSTER', 'KEYSLOT', '{vedette}'));
    // One more than the slot that is wanted: a node without any would become a replica.
    const [its, others] = [[slot, slot + 1], Array.from({ length: 16_384 }, (_, i) => i)];
    await first.ask('CLUSTER', 'ADDSLOTS', ...others.filter((one) => !its.includes(one)).map(String));
    await second.ask('CLUSTER', 'ADDSLOTS', ...its.map(String));
    await first.ask('CLUSTER', 'MEET', '127.0.0.1', String(second.port));
    for (const node of [first, second]) {
      await eventually('the cluster is whole', async () =>
        String(await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'),
      );
    }
    const one = await world.process(`redis+cluster://127.0.0.1:1,127.0.0.1:${first.port}`);
    await place(one, 'a');
    expect(Number(await second.ask('DBSIZE'))).toBeGreaterThan(5);
    await second.ask('FLUSHALL');
    const [from, to] = [
      String(await second.ask('CLUSTER', 'MYID')),
      String(await first.ask('CLUSTER', 'MYID')),
    ];
    await first.ask('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from);
    await second.ask('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to);
    for (const node of [first, second]) await node.ask('CLUSTER', 'SETSLOT', String(slot), 'NODE', to);
    await expect(place(one, 'b')).rejects.toMatchObject(UNAVAILABLE);
    await eventually('it is found again', () => one.isConnected && place(one, 'b'));
    expect(Number(await first.ask('DBSIZE'))).toBeGreaterThan(5);
  });
});
