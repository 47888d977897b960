import type { Clock } from '@vedette/runtime';

interface AttemptLimiterOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** So many attempts within the window, then none until the oldest is older than it. */
  readonly attempts: number;
  readonly windowMs: number;
  /** Keys remembered; beyond it the one longest unused is forgotten. */
  readonly maxKeys?: number;
}

/** Counts attempts a key (a user name, an address) in a sliding window. Holds a bounded number of keys. */
export class AttemptLimiter {
  readonly #options: Required<AttemptLimiterOptions>;
  /** Times of attempts, oldest first; the map's order is that of last use. */
  readonly #attempts = new Map<string, number[]>();

  constructor(options: AttemptLimiterOptions) {
    this.#options = { maxKeys: 10_000, ...options };
  }

  /** Counts one attempt and answers 0, or counts nothing and answers the seconds to wait. */
  take(key: string): number {
    const now = this.#options.clock.now();
    const recent = (this.#attempts.get(key) ?? []).filter((at) => now - at < this.#options.windowMs);
    const oldest = recent[0];
    const full = recent.length >= this.#options.attempts;
    if (!full) recent.push(now);
    this.#remember(key, recent);
    return full && oldest !== undefined ? Math.ceil((oldest + this.#options.windowMs - now) / 1000) : 0;
  }

  /** The last attempt turned out well and does not count. */
  giveBack(key: string): void {
    this.#attempts.get(key)?.pop();
  }

  /** Nothing is held against this key any more. */
  clear(key: string): void {
    this.#attempts.delete(key);
  }

  #remember(key: string, attempts: number[]): void {
    this.#attempts.delete(key);
    this.#attempts.set(key, attempts);
    if (this.#attempts.size <= this.#options.maxKeys) return;
    const longestUnused = this.#attempts.keys().next();
    if (longestUnused.done !== true) this.#attempts.delete(longestUnused.value);
  }
}
