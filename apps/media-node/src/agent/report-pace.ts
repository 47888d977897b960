import type { Clock } from '@vedette/runtime';

const EVERY_MS = 1000;
/** Changes within this long share one report. */
const COALESCE_MS = 20;
/** A report may take up this share of the time at most, so that ten thousand views do not drown their node. */
const MAX_SHARE = 0.1;

/** Decides when the next report goes out: every second, soon after a change, at once when control waits for it. */
export class ReportPace {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #report: () => void;
  #cancel: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #earliestAt = 0;
  #running = false;

  constructor(options: { readonly clock: Pick<Clock, 'now' | 'after'>; readonly report: () => void }) {
    this.#clock = options.clock;
    this.#report = options.report;
  }

  start(): void {
    this.#running = true;
    this.#earliestAt = 0;
    this.atOnce();
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

  atOnce(): void {
    this.#by(this.#clock.now());
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
    const begunAt = this.#clock.now();
    this.#dueAt = begunAt;
    this.#report();
    const now = this.#clock.now();
    this.#earliestAt = now + (now - begunAt) / MAX_SHARE;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#by(now + EVERY_MS);
  }
}
