/** When a frame is decoded and when it is shown, ticks. `dts` rises strictly, `pts` is never before it. */
export interface FrameTimes {
  readonly dtsTicks: number;
  readonly ptsTicks: number;
}

/**
 * RTP carries presentation times only. Without B frames decoding follows them; with B frames the n-th frame is
 * decoded at the (n - depth)-th presentation time in order, which needs neither lookahead nor slice headers.
 */
export class DecodeOrder {
  readonly #frameTicks: number;
  #depth: number;
  /** The presentation times that no frame was given as its decode time yet, sorted. */
  #pending: number[] = [];
  readonly #firstTicks: number;
  #lastDts: number;

  /**
   * `frameTicks`: a guess of one frame's duration, for the decode times of the first frames. `firstTicks`: no decode
   * time lies before it, so that a pull that goes on with a time line never reaches back into it.
   */
  constructor(options: {
    readonly depth: number;
    readonly frameTicks: number;
    readonly firstTicks?: number;
  }) {
    this.#firstTicks = options.firstTicks ?? 0;
    this.#lastDts = this.#firstTicks - 1;
    this.#depth = options.depth;
    this.#frameTicks = options.frameTicks;
  }

  get depth(): number {
    return this.#depth;
  }

  /** B frames turned up that the SPS had not announced, or a new SPS announces another depth. */
  setDepth(depth: number): void {
    this.#depth = depth;
    this.#pending = [];
  }

  next(ptsTicks: number): FrameTimes {
    let dts = this.#depth === 0 ? ptsTicks : this.#reordered(ptsTicks);
    if (dts <= this.#lastDts) dts = this.#lastDts + 1;
    this.#lastDts = dts;
    return { dtsTicks: dts, ptsTicks: Math.max(ptsTicks, dts) };
  }

  #reordered(ptsTicks: number): number {
    let at = this.#pending.length;
    while (at > 0 && (this.#pending[at - 1] ?? 0) > ptsTicks) at -= 1;
    this.#pending.splice(at, 0, ptsTicks);
    if (this.#pending.length > this.#depth) return this.#pending.shift() ?? ptsTicks;
    const first = this.#pending[0] ?? ptsTicks;
    return Math.max(this.#firstTicks, first - (this.#depth + 1 - this.#pending.length) * this.#frameTicks);
  }
}
