import { backoffMs, fullJitter } from '@vedette/runtime';

/** What is known when a source has failed. */
export interface Failure {
  /** Failures in a row, this one included. */
  readonly attempt: number;
  readonly code: string;
  /** Pictures came during this pull or one shortly before it: the camera is likely to be back soon. */
  readonly recentlyHealthy: boolean;
}

const QUICK_ATTEMPTS = 12;
const QUICK_MS = { floor: 250, jitter: 500 };
const BACKOFF = { baseMs: 1000, capMs: 60_000 };
/** A wrong password asked again and again locks the account: 30 s, 2 min, 8 min, then every half hour. */
const REJECTED = { baseMs: 30_000, capMs: 1_800_000 };

/** How long to wait before the next try. */
export function retryAfterMs(failure: Failure, random: () => number): number {
  if (failure.code === 'camera_credentials_rejected') {
    const bound = Math.min(REJECTED.capMs, REJECTED.baseMs * 4 ** Math.min(failure.attempt - 1, 10));
    return bound / 2 + fullJitter(bound / 2, random);
  }
  // A camera without a free place gets none by being asked more often.
  const isQuick = failure.recentlyHealthy && failure.code !== 'camera_busy';
  if (isQuick && failure.attempt <= QUICK_ATTEMPTS)
    return QUICK_MS.floor + fullJitter(QUICK_MS.jitter, random);
  const attempt = isQuick ? failure.attempt - QUICK_ATTEMPTS : failure.attempt;
  return Math.max(QUICK_MS.floor, fullJitter(backoffMs(attempt - 1, BACKOFF), random));
}
