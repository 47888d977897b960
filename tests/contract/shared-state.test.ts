import { afterAll, beforeAll, describe, it } from 'vitest';
import { MemorySharedState } from '../../apps/control-plane/src/state/memory-shared-state.ts';
import { parseRedisAddress } from '../../apps/control-plane/src/state/redis/redis-address.ts';
import { RedisConnection } from '../../apps/control-plane/src/state/redis/redis-connection.ts';
import { RedisSharedState } from '../../apps/control-plane/src/state/redis/redis-shared-state.ts';
import { RedisStore } from '../../apps/control-plane/src/state/redis/redis-store.ts';
import { silentLog, systemClock } from '../../packages/runtime/src/index.ts';
import { Redis, redisProgram } from '../support/redis.ts';
import { sharedStateContract } from './shared-state.contract.ts';

sharedStateContract('memory', async () => new MemorySharedState());

const program = redisProgram();
describe.skipIf(program === undefined)('with a Redis of its own', () => {
  let redis: Redis;
  let connection: RedisConnection;
  let systems = 0;
  beforeAll(async () => {
    redis = await Redis.start(program ?? '');
    connection = await RedisConnection.open({
      address: parseRedisAddress(redis.socketUrl),
      answerMs: 10_000,
      clock: systemClock,
      log: silentLog(),
      random: Math.random,
    });
  });
  afterAll(async () => {
    connection.close();
    await redis[Symbol.asyncDispose]();
  });

  sharedStateContract('Redis', async () => {
    const clock = { wallNow: () => 0 };
    const store = await RedisStore.open({ connection, prefix: `-${++systems}`, clock, log: silentLog() });
    return new RedisSharedState({ store });
  });
});

if (program === undefined) it.skip('needs Redis, which is not installed', () => undefined);
