// Enters: now and then, how many pictures were shown so far. Leaves: whether they still come.
// Not its job: counting them, or doing anything about it.

export interface WatchSample {
  readonly nowMs: number;
  /** Pictures shown since the beginning; any number that grows with each will do. */
  readonly frames: number;
  /** The page is hidden: browsers show nothing then, so that nothing can be said. */
  readonly hidden: boolean;
}

/** `starved` comes again and again while no picture arrives. */
export type WatchVerdict = 'moving' | 'frozen' | 'starved' | 'same';

/**
 * Samples come every quarter of a second, so a picture may be that much older than its sample: what is told at 1.75 s
 * after the last sample with news is told within 2 s of the picture (rule V11).
 */
const FROZEN_MS = 1750;
const STARVED_MS = 4500;
const SLOW_INTERVALS = 3;

export class StallWatchdog {
  #frames: number;
  /** When the last sample with a new picture was taken. */
  #newsMs: number;
  /** From when on silence counts; later than the news after the page was hidden. */
  #silenceFromMs: number;
  #starvedMs: number;
  #frozen = false;
  /** The last two pauses between pictures; one freeze is not a slow camera, two equal pauses are. */
  #gaps: readonly [number, number] = [0, 0];

  constructor(first: WatchSample) {
    this.#frames = first.frames;
    this.#newsMs = first.nowMs;
    this.#silenceFromMs = first.nowMs;
    this.#starvedMs = first.nowMs;
  }

  /** Milliseconds since the last new picture. */
  ageMs(nowMs: number): number {
    return nowMs - this.#newsMs;
  }

  sample({ nowMs, frames, hidden }: WatchSample): WatchVerdict {
    if (frames !== this.#frames) return this.#news(nowMs, frames);
    if (hidden) {
      this.#silenceFromMs = nowMs;
      this.#starvedMs = nowMs;
      return 'same';
    }
    const silentMs = nowMs - this.#silenceFromMs;
    const slow = SLOW_INTERVALS * Math.min(...this.#gaps);
    if (!this.#frozen) {
      if (silentMs < Math.max(FROZEN_MS, slow)) return 'same';
      this.#frozen = true;
      this.#starvedMs = this.#silenceFromMs;
      return 'frozen';
    }
    if (nowMs - this.#starvedMs < Math.max(STARVED_MS, 2 * slow)) return 'same';
    this.#starvedMs = nowMs;
    return 'starved';
  }

  #news(nowMs: number, frames: number): WatchVerdict {
    const gap = (nowMs - this.#newsMs) / Math.max(1, frames - this.#frames);
    this.#gaps = [this.#gaps[1], gap];
    this.#frames = frames;
    this.#newsMs = nowMs;
    this.#silenceFromMs = nowMs;
    this.#starvedMs = nowMs;
    if (!this.#frozen) return 'same';
    this.#frozen = false;
    return 'moving';
  }
}
