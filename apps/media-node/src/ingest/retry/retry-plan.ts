import { backoffMs, fullJitter } from '@vedette/runtime';

const BACKOFF = { baseMs: 1000, capMs: 60_000 };
/** However the dice fall, nothing is dialled in a loop. */
const FLOOR_MS = 250;
/** What is on this node, or comes to it, costs nobody anything: it is taken up again at once for a while. */
const QUICK = { attempts: 12, jitterMs: 500 };
/** A wrong password asked again and again locks the account: a minute, 4, 16, then every half hour. */
const REJECTED = { baseMs: 60_000, capMs: 1_800_000 };

/** How long to wait after so many failures in a row, at least one: full jitter under an exponential bound. */
export function retryAfterMs(failures: number, random: () => number): number {
  return Math.max(FLOOR_MS, fullJitter(backoffMs(failures - 1, BACKOFF), random));
}

/** The same for what needs no network to be asked. */
export function localRetryAfterMs(failures: number, random: () => number): number {
  if (failures <= QUICK.attempts) return FLOOR_MS + fullJitter(QUICK.jitterMs, random);
  return retryAfterMs(failures - QUICK.attempts, random);
}

/** How long nobody may ask again with a password that was rejected so often; never less than a minute. */
export function rejectedAfterMs(rejections: number, random: () => number): number {
  const bound = Math.min(REJECTED.capMs, REJECTED.baseMs * 4 ** Math.min(rejections - 1, 10));
  return bound + fullJitter(bound / 4, random);
}
