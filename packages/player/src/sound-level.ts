// How loud a stretch of samples is, and a row of such levels as it moves along. Pure.

/** What is softer than this reads as silence. */
const FLOOR_DB = -46;
const CEILING_DB = -8;
/** How much of a level is left a bar later when it is followed by silence: falls read calmer than rises. */
const FALL = 0.72;

/** 0 (silence) to 1, by the root mean square of samples from -1 to 1, even to the ear. */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  if (sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

export interface LevelRowOptions {
  readonly bars: number;
  readonly msPerBar: number;
}

/** The last so many levels, newest last; each bar holds the loudest moment of its time. */
export class LevelRow {
  readonly #msPerBar: number;
  #bars: Float32Array;
  #next = 0;
  #loudest = 0;
  #begunMs: number | undefined;

  constructor({ bars, msPerBar }: LevelRowOptions) {
    this.#msPerBar = msPerBar;
    this.#bars = new Float32Array(bars);
  }

  get length(): number {
    return this.#bars.length;
  }

  /** Keeps the newest. */
  resize(bars: number): void {
    if (bars === this.#bars.length) return;
    const kept = new Float32Array(bars);
    for (let age = 0; age < Math.min(bars, this.length); age += 1) kept[bars - 1 - age] = this.at(age);
    this.#bars = kept;
    this.#next = 0;
  }

  /** `age` 0 is the newest whole bar. */
  at(age: number): number {
    const { length } = this.#bars;
    return this.#bars[(this.#next - 1 - age + 2 * length) % length] ?? 0;
  }

  /** How much of the next bar is over, 0 to 1; its level so far is `growing`. */
  progress(nowMs: number): number {
    return this.#begunMs === undefined ? 0 : Math.min(1, (nowMs - this.#begunMs) / this.#msPerBar);
  }

  get growing(): number {
    return Math.max(this.#loudest, this.at(0) * FALL);
  }

  push(level: number, nowMs: number): void {
    this.#begunMs ??= nowMs;
    const over = Math.floor((nowMs - this.#begunMs) / this.#msPerBar);
    // After a pause (a hidden page draws nothing) the time between is not made up.
    const bars = Math.min(over, this.length);
    for (let i = 0; i < bars; i += 1) this.#add(i === 0 ? this.growing : this.at(0) * FALL);
    if (over > 0) {
      this.#begunMs += over * this.#msPerBar;
      this.#loudest = 0;
    }
    this.#loudest = Math.max(this.#loudest, level);
  }

  #add(level: number): void {
    this.#bars[this.#next] = level < 0.01 ? 0 : level;
    this.#next = (this.#next + 1) % this.length;
  }
}
