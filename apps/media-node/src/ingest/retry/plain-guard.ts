// For sources that are no cameras: files, renditions, encoders that come to us, web servers.
import type { Clock } from '@vedette/runtime';
import { Nap } from './nap.ts';
import type { PullFailure, PullGuard } from './pull-guard.ts';
import { localRetryAfterMs, rejectedAfterMs, retryAfterMs } from './retry-plan.ts';

interface PlainGuardOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Nothing is asked over a network. */
  readonly isLocal: boolean;
}

/** A viewer may ask for a try, but nothing is tried more often than this. */
const WAKE_MS = 1000;

export class PlainGuard implements PullGuard {
  readonly #options: PlainGuardOptions;
  readonly #nap: Nap;
  #failures = 0;
  #rejections = 0;
  #dueAtMs = 0;
  #mayWakeAtMs = 0;

  constructor(options: PlainGuardOptions) {
    this.#options = options;
    this.#nap = new Nap(options);
  }

  async due(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#dueAtMs - this.#options.clock.now();
      if (waitMs <= 0) return;
      await this.#nap.sleep(waitMs, signal);
    }
  }

  answered(): void {
    this.#rejections = 0;
  }

  healthy(): void {
    this.#failures = 0;
  }

  failed({ code }: PullFailure): number {
    const { clock, isLocal, random } = this.#options;
    const isRejected = code === 'camera_credentials_rejected';
    if (isRejected) this.#rejections += 1;
    this.#failures += 1;
    const waitMs = isRejected
      ? rejectedAfterMs(this.#rejections, random)
      : (isLocal ? localRetryAfterMs : retryAfterMs)(this.#failures, random);
    this.#dueAtMs = clock.now() + waitMs;
    this.#mayWakeAtMs = isRejected ? this.#dueAtMs : clock.now() + WAKE_MS;
    return waitMs;
  }

  wake(): void {
    if (this.#dueAtMs <= this.#mayWakeAtMs) return;
    this.#dueAtMs = this.#mayWakeAtMs;
    this.#nap.wake();
  }

  close(): void {
    this.#nap.wake();
  }
}
