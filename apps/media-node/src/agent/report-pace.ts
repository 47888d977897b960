import type { Clock } from '@vedette/runtime';

const EVERY_MS = 1000;
/** Changes within this long share one report. */
const COALESCE_MS = 20;
/**
 * Reports of a full node are big, and control reads those of all nodes: one of 300 kB is followed by no other
 * for 150 ms.
 */
const BYTES_A_MS = 2000;

/** Decides when the next report goes out: every second, and soon after a change. */
export class ReportPace {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #report: () => number;
  #cancel: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #earliestAt = 0;
  #running = false;

  constructor(options: {
    readonly clock: Pick<Clock, 'now' | 'after'> /** Answers how many bytes it took. */;
    readonly report: () => number;
  }) {
    this.#clock = options.clock;
    this.#report = options.report;
  }

  start(): void {
    this.#running = true;
    this.#earliestAt = 0;
    this.#by(this.#clock.now());
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  changed(): void {
    this.#by(this.#clock.now() + COALESCE_MS);
  }

  #by(wantedAt: number): void {
    if (!this.#running) return;
    const at = Math.max(wantedAt, this.#earliestAt);
    if (at >= this.#dueAt) return;
    this.#cancel?.();
    this.#dueAt = at;
    const wait = at - this.#clock.now();
    if (wait <= 0) this.#fire();
    else this.#cancel = this.#clock.after(wait, () => this.#fire());
  }

  #fire(): void {
    this.#cancel = undefined;
    // What the report itself changes is in it: it asks for no other.
    this.#dueAt = this.#clock.now();
    const bytes = this.#report();
    const now = this.#clock.now();
    this.#earliestAt = now + bytes / BYTES_A_MS;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#by(now + EVERY_MS);
  }
}
