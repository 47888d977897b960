import type { Clock } from './clock.ts';

/** One timer for all players of a page, running only while somebody listens. */
export class Ticker {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #listeners = new Set<() => void>();
  #cancel: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly everyMs: number }) {
    this.#clock = options.clock;
    this.#everyMs = options.everyMs;
  }

  /** Calls `listener` again and again until the answered function is called. */
  listen(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    this.#cancel ??= this.#clock.after(this.#everyMs, this.#tick);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size > 0) return;
      this.#cancel?.();
      this.#cancel = undefined;
    };
  }

  readonly #tick = (): void => {
    this.#cancel = this.#clock.after(this.#everyMs, this.#tick);
    for (const listener of [...this.#listeners]) listener();
  };
}
