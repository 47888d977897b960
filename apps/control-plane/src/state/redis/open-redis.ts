import type { Clock, Log } from '@vedette/runtime';
import type { ProcessBoard } from '../process-board.ts';
import type { SharedState } from '../shared-state.ts';
import { parseRedisAddress } from './redis-address.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisProcessBoard } from './redis-process-board.ts';
import { RedisSharedState } from './redis-shared-state.ts';
import { RedisStore } from './redis-store.ts';

const ANSWER_MS = 1000;

/** What control processes share, in one Redis. */
export interface OpenRedis {
  readonly state: SharedState;
  readonly board: ProcessBoard;
  /** False while every call fails at once. */
  readonly isConnected: boolean;
  close(): void;
}

/** Throws RedisAddressError, or `unavailable` when Redis cannot be reached now; later it comes back by itself. */
export async function openRedis(options: {
  readonly url: string;
  /** Sets systems apart that share a Redis. */
  readonly prefix?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A call that has no answer by then has failed; a second by default. */
  readonly answerMs?: number;
}): Promise<OpenRedis> {
  const { answerMs = ANSWER_MS, clock, log, prefix = '', random, url } = options;
  const address = parseRedisAddress(url);
  const connection = await RedisConnection.open({ address, answerMs, clock, log, random });
  try {
    const store = await RedisStore.open({ connection, prefix, clock, log });
    return {
      state: new RedisSharedState({ store }),
      board: new RedisProcessBoard({ store, log }),
      get isConnected() {
        return connection.isConnected;
      },
      close: () => connection.close(),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}
