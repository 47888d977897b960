import { afterAll, beforeAll, describe } from 'vitest';
import { MemoryBoards, MemoryProcessBoard } from '../../apps/control-plane/src/state/memory-process-board.ts';
import { type OpenRedis, openRedis } from '../../apps/control-plane/src/state/redis/open-redis.ts';
import { silentLog, systemClock } from '../../packages/runtime/src/index.ts';
import { Redis, redisProgram } from '../support/redis.ts';
import { processBoardContract } from './process-board.contract.ts';

processBoardContract('memory', async (count) => {
  const boards = new MemoryBoards();
  return Array.from({ length: count }, () => new MemoryProcessBoard(boards));
});

const program = redisProgram();
describe.skipIf(program === undefined)('with a Redis of its own', () => {
  let redis: Redis;
  let systems = 0;
  const opened: OpenRedis[] = [];
  beforeAll(async () => {
    redis = await Redis.start(program ?? '');
  });
  afterAll(async () => {
    for (const each of opened) each.close();
    await redis[Symbol.asyncDispose]();
  });

  processBoardContract('Redis', async (count) => {
    const options = {
      url: redis.url,
      answerMs: 10_000,
      prefix: `-${++systems}`,
      clock: systemClock,
      log: silentLog(),
    };
    const processes = await Promise.all(
      Array.from({ length: count }, () => openRedis({ ...options, random: Math.random })),
    );
    opened.push(...processes);
    return processes.map(({ board }) => board);
  });
});
