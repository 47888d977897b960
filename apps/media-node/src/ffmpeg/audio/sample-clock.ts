/** Where a frame was on the time line of its source. */
export interface SourceTime {
  readonly seconds: number;
  readonly wallClockMs: number;
}

interface Anchor extends SourceTime {
  /** Media time fed in before it, s. */
  readonly fed: number;
}

/** Stamps further from the count of samples than this are a gap, not jitter. */
const TOLERANCE_S = 0.06;
const LIMIT_ANCHORS = 64;

/**
 * Finds the time of what a transcoder gives by what was fed to it: sound has no stamps inside a pipe, but exactly as
 * much of it comes out as went in. Begins at the first frame, counts samples, and begins anew after a gap.
 */
export class SampleClock {
  #anchors: readonly Anchor[] = [];
  #fed = 0;

  /** A frame of so many seconds goes in. */
  feed(time: SourceTime, seconds: number): void {
    const last = this.#anchors.at(-1);
    const expected = last === undefined ? undefined : last.seconds + (this.#fed - last.fed);
    if (expected === undefined || Math.abs(time.seconds - expected) > TOLERANCE_S)
      this.#anchors = [...this.#anchors, { ...time, fed: this.#fed }].slice(-LIMIT_ANCHORS);
    this.#fed += seconds;
  }

  /** Time of the sample that is `position` seconds into what came out; undefined before anything was fed. */
  at(position: number): SourceTime | undefined {
    while ((this.#anchors[1]?.fed ?? Number.POSITIVE_INFINITY) <= position)
      this.#anchors = this.#anchors.slice(1);
    const anchor = this.#anchors[0];
    if (anchor === undefined) return undefined;
    const since = position - anchor.fed;
    return { seconds: anchor.seconds + since, wallClockMs: anchor.wallClockMs + since * 1000 };
  }
}
