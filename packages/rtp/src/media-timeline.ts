import type { CommonStart } from './common-start.ts';
import { timestampDelta } from './serial-arithmetic.ts';

export interface MediaTimelineOptions {
  readonly clockRate: number;
  /** Where the first frame stands, ticks. */
  readonly firstTicks: number;
  /** Of several tracks: how much later than the first of them this one begins. */
  readonly start?: CommonStart | undefined;
}

/** A frame further than this from its neighbours carries a wrong timestamp, or begins another time line. */
const MAX_STEP_SECONDS = 5;
/** So many frames in a row that agree with each other, but not with the past, are a new time line. */
const NEW_LINE_AFTER = 3;
/** A step that the arrival times confirm this closely is a pause of the camera, not an error. */
const PAUSE_TOLERANCE_MS = 2000;

/**
 * Turns 32-bit RTP timestamps into ticks that never wrap and never run away: single wild timestamps
 * (Intelbras, Tapo) are replaced, a camera that resets its clock is joined where it left off.
 */
export class MediaTimeline {
  readonly #clockRate: number;
  readonly #maxStep: number;
  readonly #start: CommonStart | undefined;
  #started = false;
  /** The last timestamp that was believed, and what it became. */
  #baseTimestamp = 0;
  #baseTicks: number;
  #baseArrivalMs = 0;
  /** What the newest frame became, believed or not. */
  #lastTicks: number;
  #frameTicks: number;
  #strangers = 0;
  #strangerTimestamp = 0;
  #restamped = 0;
  #joins = 0;

  constructor(options: MediaTimelineOptions) {
    this.#clockRate = options.clockRate;
    this.#maxStep = MAX_STEP_SECONDS * options.clockRate;
    this.#start = options.start;
    this.#baseTicks = options.firstTicks;
    this.#lastTicks = options.firstTicks;
    this.#frameTicks = Math.round(options.clockRate / 25);
  }

  /** Frames whose timestamp was replaced. */
  get restamped(): number {
    return this.#restamped;
  }

  /** How often the camera began another time line. */
  get joins(): number {
    return this.#joins;
  }

  /** `arrivalMs` is monotonic. With B frames the result may lie before that of the frame before. */
  ticks(timestamp: number, arrivalMs: number): number {
    if (!this.#started) {
      this.#started = true;
      const laterMs = this.#start?.offsetMs(arrivalMs) ?? 0;
      return this.#believe(
        timestamp,
        this.#baseTicks + Math.round((laterMs * this.#clockRate) / 1000),
        arrivalMs,
      );
    }
    const step = timestampDelta(timestamp, this.#baseTimestamp);
    if (Math.abs(step) <= this.#maxStep) {
      if (step > 0 && step < this.#clockRate) this.#frameTicks = step;
      return this.#believe(timestamp, this.#baseTicks + step, arrivalMs);
    }
    const silenceMs = arrivalMs - this.#baseArrivalMs;
    if (step > 0 && Math.abs((step * 1000) / this.#clockRate - silenceMs) < PAUSE_TOLERANCE_MS) {
      return this.#believe(timestamp, this.#baseTicks + step, arrivalMs);
    }
    const agrees =
      this.#strangers > 0 && Math.abs(timestampDelta(timestamp, this.#strangerTimestamp)) <= this.#maxStep;
    this.#strangers = agrees ? this.#strangers + 1 : 1;
    this.#strangerTimestamp = timestamp;
    const ticks = this.#lastTicks + this.#frameTicks;
    if (this.#strangers >= NEW_LINE_AFTER) {
      this.#joins += 1;
      return this.#believe(timestamp, ticks, arrivalMs);
    }
    this.#restamped += 1;
    this.#lastTicks = ticks;
    return ticks;
  }

  /** Where a timestamp of a sender report lies; null when it does not belong to the current time line. */
  peek(timestamp: number): number | null {
    if (!this.#started) return null;
    const step = timestampDelta(timestamp, this.#baseTimestamp);
    return Math.abs(step) <= this.#maxStep ? this.#baseTicks + step : null;
  }

  #believe(timestamp: number, ticks: number, arrivalMs: number): number {
    this.#baseTimestamp = timestamp;
    this.#baseTicks = ticks;
    this.#baseArrivalMs = arrivalMs;
    this.#lastTicks = ticks;
    this.#strangers = 0;
    return ticks;
  }
}
