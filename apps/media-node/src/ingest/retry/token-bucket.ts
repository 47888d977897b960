import type { Clock } from '@vedette/runtime';

/** So many at once, so many a second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'now'>;
  #tokens: number;
  #atMs: number;

  constructor(options: { readonly rate: Rate; readonly clock: Pick<Clock, 'now'> }) {
    this.#rate = options.rate;
    this.#clock = options.clock;
    this.#tokens = options.rate.burst;
    this.#atMs = options.clock.now();
  }

  /** False when there is none now. */
  take(): boolean {
    if (this.waitMs() > 0) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Until there is one; 0 when there is one now. */
  waitMs(): number {
    const now = this.#clock.now();
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#atMs) / 1000) * perSecond);
    this.#atMs = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
  }
}
