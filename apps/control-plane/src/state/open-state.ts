import { type Clock, type Log, SettingsError } from '@vedette/runtime';
import { MemoryProcessBoard } from './memory-process-board.ts';
import { MemorySharedState } from './memory-shared-state.ts';
import type { ProcessBoard } from './process-board.ts';
import { openRedis } from './redis/open-redis.ts';
import { RedisAddressError } from './redis/redis-address.ts';
import type { SharedState } from './shared-state.ts';

export interface OpenState {
  readonly state: SharedState;
  readonly board: ProcessBoard;
  close(): void;
}

/**
 * In Redis when `redisUrl` is given, else in the memory of this process, which is then the only one.
 * Throws SettingsError, or `unavailable` when Redis cannot be reached.
 */
export async function openState(options: {
  readonly redisUrl: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<OpenState> {
  const { clock, log, redisUrl } = options;
  if (redisUrl === undefined)
    return { state: new MemorySharedState(), board: new MemoryProcessBoard(), close: () => undefined };
  try {
    return await openRedis({ url: redisUrl, clock, log, random: Math.random });
  } catch (error) {
    if (error instanceof RedisAddressError) throw new SettingsError([`redisUrl: ${error.message}`]);
    throw error;
  }
}
