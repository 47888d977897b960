import type { SessionId } from '@vedette/contracts';

export interface ScreenSample {
  /** Whose picture is shown. */
  readonly sessionId: SessionId;
  /** It is a picture of now, on a page and at a place that can be seen. */
  readonly seen: boolean;
  readonly nowMs: number;
}

/** A page that sleeps is not looked at: between two samples counts this much at most. */
const MOST_MS = 1000;
/** One that is shown, one that takes over, and some that are being let go of. */
const MOST_VIEWS = 8;

/** For how long each view could be seen on screen; fed a few times a second while something is shown. */
export class ScreenTime {
  readonly #spent = new Map<SessionId, number>();
  #last: ScreenSample | undefined;

  sample(sample: ScreenSample): void {
    const last = this.#last;
    this.#last = sample;
    if (last === undefined || !last.seen || !sample.seen || last.sessionId !== sample.sessionId) return;
    const before = this.#spent.get(sample.sessionId) ?? 0;
    const ms = Math.min(MOST_MS, Math.max(0, sample.nowMs - last.nowMs));
    this.#spent.delete(sample.sessionId);
    this.#spent.set(sample.sessionId, before + ms);
    if (this.#spent.size <= MOST_VIEWS) return;
    const oldest = this.#spent.keys().next();
    if (oldest.done !== true) this.#spent.delete(oldest.value);
  }

  /** Whole tenths; 0 for a view that was never seen. */
  seconds(sessionId: SessionId): number {
    return Math.round((this.#spent.get(sessionId) ?? 0) / 100) / 10;
  }
}
