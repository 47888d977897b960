/** What a stream brings in, over the last few seconds. */
export interface IngestStats {
  /** Frames and bytes since the hub was made. */
  readonly framesIn: number;
  readonly bytesIn: number;
  readonly bitsPerSecond: number;
  /** Video frames a second; audio frames where there is no video. */
  readonly frameRate: number;
  /** Media time between the last two key frames; null before the second one. */
  readonly keyFrameIntervalMs: number | null;
  /** A picture came that is shown before one that came earlier, since the stream last began. */
  readonly hasBFrames: boolean;
  /** Ms since the Unix epoch; null before the first frame. */
  readonly lastFrameAtMs: number | null;
}

/** Whole seconds that count beside the one that is running. */
const WINDOW_SECONDS = 4;
const SLOTS = WINDOW_SECONDS + 1;

/** Counts in one slot a second: constant work a frame, no allocation, and rates that fall to zero by themselves. */
export class IngestMeter {
  readonly #bytes = new Float64Array(SLOTS);
  readonly #frames = new Float64Array(SLOTS);
  #second = -1;
  #firstFrameAtMs = 0;
  #framesIn = 0;
  #bytesIn = 0;
  #lastFrameAtMs: number | null = null;
  #lastKeyMs: number | null = null;
  #keyFrameIntervalMs: number | null = null;
  #latestPtsTicks = Number.NEGATIVE_INFINITY;
  #hasBFrames = false;

  frame(bytes: number, countsForRate: boolean, nowMs: number): void {
    this.#roll(nowMs);
    const slot = this.#second % SLOTS;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    if (countsForRate) this.#frames[slot] = (this.#frames[slot] ?? 0) + 1;
    this.#framesIn += 1;
    this.#bytesIn += bytes;
    if (this.#lastFrameAtMs === null) this.#firstFrameAtMs = nowMs;
    this.#lastFrameAtMs = nowMs;
  }

  keyFrame(mediaMs: number): void {
    if (this.#lastKeyMs !== null && mediaMs > this.#lastKeyMs) {
      this.#keyFrameIntervalMs = mediaMs - this.#lastKeyMs;
    }
    this.#lastKeyMs = mediaMs;
  }

  picture(ptsTicks: number): void {
    if (ptsTicks < this.#latestPtsTicks) this.#hasBFrames = true;
    else this.#latestPtsTicks = ptsTicks;
  }

  /** The next key frame belongs to another time line; the interval known so far stays. */
  discontinuity(): void {
    this.#lastKeyMs = null;
    this.#latestPtsTicks = Number.NEGATIVE_INFINITY;
    this.#hasBFrames = false;
  }

  read(nowMs: number): IngestStats {
    this.#roll(nowMs);
    let bytes = 0;
    let frames = 0;
    for (let i = 0; i < SLOTS; i += 1) {
      bytes += this.#bytes[i] ?? 0;
      frames += this.#frames[i] ?? 0;
    }
    const windowStartMs = Math.max((this.#second - WINDOW_SECONDS) * 1000, this.#firstFrameAtMs);
    // A stream's first instants would otherwise count a whole key frame into a few milliseconds.
    const seconds = Math.max(1, (nowMs - windowStartMs) / 1000);
    return {
      framesIn: this.#framesIn,
      bytesIn: this.#bytesIn,
      bitsPerSecond: Math.round((bytes * 8) / seconds),
      frameRate: Math.round((frames / seconds) * 10) / 10,
      keyFrameIntervalMs: this.#keyFrameIntervalMs,
      hasBFrames: this.#hasBFrames,
      lastFrameAtMs: this.#lastFrameAtMs,
    };
  }

  #roll(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    // A clock that stepped back, or a long silence, starts over.
    const passed = second - this.#second;
    if (passed < 0 || passed >= SLOTS || this.#second < 0) {
      this.#bytes.fill(0);
      this.#frames.fill(0);
      if (passed < 0) this.#firstFrameAtMs = nowMs;
    } else {
      for (let s = this.#second + 1; s <= second; s += 1) {
        this.#bytes[s % SLOTS] = 0;
        this.#frames[s % SLOTS] = 0;
      }
    }
    this.#second = second;
  }
}
