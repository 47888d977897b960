import type { Clock } from '@vedette/runtime';

/** A sleep that others may end. */
export class Nap {
  readonly #clock: Clock;
  #wakeUp: (() => void) | undefined;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Resolves after `ms`, when it is woken, or when the signal aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    this.#wakeUp = () => woken.abort();
    await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    this.#wakeUp = undefined;
  }

  wake(): void {
    this.#wakeUp?.();
  }
}
