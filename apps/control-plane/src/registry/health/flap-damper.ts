import type { HistoryState, ReasonCode } from '@vedette/contracts';

export interface Observation {
  readonly isOnline: boolean;
  readonly reason: ReasonCode;
}

export interface Settled {
  readonly state: HistoryState;
  readonly reason: ReasonCode;
}

interface Change {
  readonly atMs: number;
}

/** A state counts once it has lasted. */
export const LASTS_MS = 10_000;
/** More changes than this within the window, and the camera is unstable until it is quiet for as long. */
export const MOST_CHANGES = 5;
export const WINDOW_MS = 10 * 60_000;

/**
 * Turns what is seen of one camera into what is worth telling: states that lasted, and one word instead of ten when
 * it comes and goes. Times are ms of one clock.
 */
export class FlapDamper {
  #seen: Observation | undefined;
  #seenSinceMs = 0;
  #settled: Settled | undefined;
  #changes: Change[] = [];

  constructor(known?: Settled) {
    this.#settled = known;
  }

  get settled(): Settled | undefined {
    return this.#settled;
  }

  /** Something was seen. */
  see(observation: Observation, nowMs: number): void {
    if (this.#seen?.isOnline === observation.isOnline) {
      this.#seen = observation;
      return;
    }
    if (this.#seen !== undefined) this.#changes.push({ atMs: nowMs });
    this.#seen = observation;
    this.#seenSinceMs = nowMs;
  }

  /** What has changed for good since the last time; undefined when nothing has. */
  settle(nowMs: number): Settled | undefined {
    if (this.#seen === undefined) return undefined;
    this.#changes = this.#changes.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    const next = this.#next(this.#seen, nowMs);
    if (next === undefined || next.state === this.#settled?.state) return undefined;
    this.#settled = next;
    return next;
  }

  #next(seen: Observation, nowMs: number): Settled | undefined {
    if (this.#changes.length > MOST_CHANGES) return { state: 'unstable', reason: seen.reason };
    // Quiet at last: the changes that made it unstable lie behind the window.
    if (this.#settled?.state === 'unstable' && this.#changes.length > 0) return undefined;
    if (nowMs - this.#seenSinceMs < LASTS_MS) return undefined;
    return { state: seen.isOnline ? 'online' : 'offline', reason: seen.reason };
  }
}
