// Turns a stream's own time into one viewer's RTP timestamps: a replayed past is squeezed to end at the live edge,
// nothing, neither a reconnected camera nor a repeated key frame, ever makes them go back, and over any length of
// time they advance as the clock does.
import type { EncodedFrame } from '@vedette/media-types';

/** Between two replayed frames, in ticks of 90 kHz: small enough that a whole GOP takes no visible time. */
const REPLAY_STEP_TICKS = 90;
/** Between the last frame before a discontinuity and the first after it, at least. */
const JOIN_STEP_TICKS = 300;
/** Of the time between two frames: as much a replay's stamps, which ran ahead of the clock, are brought back by. */
const RETURN_SHARE = 8;
const TICKS_PER_MS = 90;

export class RtpTimeline {
  /** RTP timestamp minus the frame's time; undefined until the first frame, and after a discontinuity. */
  #offset: number | undefined;
  #last: number;
  #lastAtMs: number | undefined;
  /** How far the stamps are ahead of the clock. */
  #ahead = 0;

  /** `start` is the RTP timestamp before the first, random as RFC 3550 section 5.1 asks. */
  constructor(start: number) {
    this.#last = start;
  }

  /** Ticks that the stamps are ahead of the clock, by replays; shrinks with every live frame. */
  get aheadTicks(): number {
    return this.#ahead;
  }

  /** The stream's time jumps at the next frame. */
  discontinuity(): void {
    this.#offset = undefined;
  }

  /** Timestamps for a burst whose last frame is live at `nowMs` (monotonic); decode order in, rising order out. */
  replay(frames: readonly EncodedFrame[], nowMs: number): number[] {
    const newest = frames.at(-1);
    if (newest === undefined) return [];
    const end = this.#joined(nowMs, REPLAY_STEP_TICKS * frames.length);
    this.#offset = end - newest.ptsTicks;
    this.#last = end;
    return frames.map((_, index) => wrap(end - REPLAY_STEP_TICKS * (frames.length - 1 - index)));
  }

  live(frame: EncodedFrame, nowMs: number): number {
    if (this.#offset === undefined) {
      this.#last = this.#joined(nowMs, 0);
      this.#offset = this.#last - frame.ptsTicks;
      return wrap(this.#last);
    }
    let timestamp = frame.ptsTicks + this.#offset;
    const back = Math.min(this.#ahead, Math.floor((timestamp - this.#last) / RETURN_SHARE));
    if (back > 0) {
      this.#ahead -= back;
      timestamp -= back;
    }
    if (timestamp <= this.#last) timestamp = this.#last + 1;
    this.#offset = timestamp - frame.ptsTicks;
    this.#last = timestamp;
    this.#lastAtMs = nowMs;
    return wrap(timestamp);
  }

  /** Where the clock says that the stamps go on, or as little later as `steps` of them need. */
  #joined(nowMs: number, steps: number): number {
    const first = this.#last + JOIN_STEP_TICKS + steps;
    const elapsedMs = this.#lastAtMs === undefined ? undefined : Math.max(0, nowMs - this.#lastAtMs);
    const clock =
      elapsedMs === undefined ? first : Math.round(this.#last - this.#ahead + elapsedMs * TICKS_PER_MS);
    this.#lastAtMs = nowMs;
    this.#ahead = Math.max(0, first - clock);
    return Math.max(first, clock);
  }
}

function wrap(timestamp: number): number {
  return timestamp % 2 ** 32;
}
