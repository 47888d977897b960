import type { Clock } from '@vedette/runtime';

/** A clock that stands still until a test moves it; callbacks run in the order they are due. */
export class ManualClock implements Clock {
  readonly #epochMs: number;
  #now = 0;
  #timers: { dueMs: number; callback: () => void }[] = [];

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#epochMs + this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { dueMs: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Moves time on, running whatever becomes due on the way. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueMs <= until).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.dueMs);
      next.callback();
    }
    this.#now = until;
  }

  /** Time passes as in a process that was stopped: timers become due all at once, late. */
  stall(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }
}
