import type { NodeId } from '@vedette/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MemorySharedState } from '../../apps/control-plane/src/state/memory-shared-state.ts';
import { parseRedisAddress } from '../../apps/control-plane/src/state/redis/redis-address.ts';
import { RedisConnection } from '../../apps/control-plane/src/state/redis/redis-connection.ts';
import { RedisSharedState } from '../../apps/control-plane/src/state/redis/redis-shared-state.ts';
import { RedisStore } from '../../apps/control-plane/src/state/redis/redis-store.ts';
import type { ReportFacts } from '../../apps/control-plane/src/state/shared-state.ts';
import { silentLog, systemClock } from '../../packages/runtime/src/index.ts';
import { Redis, redisProgram } from '../support/redis.ts';
import { steps } from './shared-state-model.ts';
import { NODES, START_MS, snapshot, World } from './shared-state-world.ts';

/** For longer searches elsewhere: `MODEL_RUNS=… MODEL_SEED=… MODEL_SECONDS=…`, the last also to make a failure small. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 25);
const SECONDS = process.env['MODEL_SECONDS'];
const LONGER =
  SECONDS === undefined ? { endOnFailure: true } : { interruptAfterTimeLimit: 1000 * Number(SECONDS) };
const SEED = Number(process.env['MODEL_SEED'] ?? 20_261_121);

const SNAPSHOT_EVERY = 5;
const DAY_MS = 24 * 3_600_000;
/** Counters, and lists that are bounded by number. */
const LEFT: ReadonlySet<string> = new Set([
  'generation',
  'fence',
  'view-order',
  'revocation-order',
  'stream-place',
  'ended',
  'ended-order',
  'ended-in-order',
  'revocations-swept',
]);
/** Two nodes of three have reported before. */
const KNOWN: readonly ReportFacts[] = NODES.slice(1).map((nodeId) => ({
  nodeId,
  epoch: 'life-1',
  seq: 1,
  nowMs: START_MS,
  sessions: [],
  ended: [],
  revokeLapsedUntilMs: START_MS,
  adoptable: [],
  running: [],
}));

const program = redisProgram();
describe.skipIf(program === undefined)('shared state in Redis, beside the one in memory', () => {
  let redis: Redis;
  let connection: RedisConnection;
  let systems = 0;
  beforeAll(async () => {
    redis = await Redis.start(program ?? '');
    const address = parseRedisAddress(redis.socketUrl);
    const rest = { answerMs: 10_000, clock: systemClock, log: silentLog(), random: Math.random };
    connection = await RedisConnection.open({ address, ...rest });
  });
  afterAll(async () => {
    connection.close();
    await redis[Symbol.asyncDispose]();
  });

  /** Of two control processes that share one system; and what is woken by a step, once all of it was heard. */
  async function twoProcesses() {
    const clock = { wallNow: () => 0 };
    const options = { connection, prefix: `-${++systems}`, clock, log: silentLog() };
    const [first, second] = [await RedisStore.open(options), await RedisStore.open(options)];
    const [one, other] = [new RedisSharedState({ store: first }), new RedisSharedState({ store: second })];
    const woken = new Set<NodeId>();
    one.onDesiredChange((nodeId) => woken.add(nodeId));
    return {
      one,
      other,
      async wokenByThen() {
        const heard = Promise.withResolvers<void>();
        const stop = first.onTold(() => heard.resolve());
        await first.tell('then');
        await heard.promise;
        stop();
        return taken(woken);
      },
    };
  }

  it('answers the same, whatever happens, in whichever process', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), async (list, processes) => {
        const memory = new MemorySharedState();
        const woken = new Set<NodeId>();
        memory.onDesiredChange((nodeId) => woken.add(nodeId));
        const { one, other, wokenByThen } = await twoProcesses();
        const world = new World();
        for (const state of [memory, one]) for (const known of KNOWN) await state.applyReport(known);
        for (const [index, step] of list.entries()) {
          // Mostly the same one, so that it knows what it has said before.
          const shared = processes.next().value === 0 ? other : one;
          const expected = await step.run(memory, world);
          expect(await step.run(shared, world), step.what).toEqual(expected);
          expect(await wokenByThen(), step.what).toEqual(taken(woken));
          if (index % SNAPSHOT_EVERY === 0)
            expect(await snapshot(shared, world), step.what).toEqual(await snapshot(memory, world));
          step.after?.(world);
        }
      }),
      { numRuns: RUNS, seed: SEED, ...LONGER },
    );
  });

  it('keeps nothing of what has ended, but for the most recent views', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { one } = await twoProcesses();
        const world = new World();
        for (const known of KNOWN) await one.applyReport(known);
        for (const step of list) {
          await step.run(one, world);
          step.after?.(world);
        }
        const { nowMs } = world;
        for (const { sessionId } of await one.views({}))
          await one.closeView({ sessionId, reason: 'viewer_left', nowMs });
        const rest = { paths: [], ttlMs: 0, alwaysOn: false, nowMs };
        for (const { cameraId } of await one.streams()) await one.configureCamera({ cameraId, ...rest });
        await one.sweep(nowMs + 2 * DAY_MS);
        const keys = z
          .string()
          .array()
          .parse(await redis.ask('KEYS', `{vedette}-${systems}:*`));
        const names = keys.map((key) => key.split(':').at(-1) ?? '');
        expect(names.filter((name) => !LEFT.has(name))).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED, ...LONGER },
    );
  });
});

function taken(set: Set<NodeId>): ReadonlySet<NodeId> {
  const all = new Set(set);
  set.clear();
  return all;
}
