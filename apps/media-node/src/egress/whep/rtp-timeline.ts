// Turns a stream's own time into one viewer's RTP timestamps: a replayed past is squeezed to end at the live edge,
// and nothing, neither a reconnected camera nor a repeated key frame, ever makes them go back.
import type { EncodedFrame } from '@vedette/media-types';

/** Between two replayed frames, in ticks of 90 kHz: small enough that a whole GOP takes no visible time. */
const REPLAY_STEP_TICKS = 90;
/** Between the last frame before a discontinuity and the first after it. */
const JOIN_STEP_TICKS = 3000;

export class RtpTimeline {
  /** RTP timestamp minus the frame's time; undefined until the first frame, and after a discontinuity. */
  #offset: number | undefined;
  #last: number;

  /** `start` is the RTP timestamp before the first, random as RFC 3550 section 5.1 asks. */
  constructor(start: number) {
    this.#last = start;
  }

  /** The stream's time jumps at the next frame. */
  discontinuity(): void {
    this.#offset = undefined;
  }

  /** Timestamps for a burst whose last frame is live now; decode order in, rising order out. */
  replay(frames: readonly EncodedFrame[]): number[] {
    const newest = frames.at(-1);
    if (newest === undefined) return [];
    const end = this.#last + JOIN_STEP_TICKS + REPLAY_STEP_TICKS * frames.length;
    this.#offset = end - newest.ptsTicks;
    this.#last = end;
    return frames.map((_, index) => wrap(end - REPLAY_STEP_TICKS * (frames.length - 1 - index)));
  }

  live(frame: EncodedFrame): number {
    this.#offset ??= this.#last + JOIN_STEP_TICKS - frame.ptsTicks;
    let timestamp = frame.ptsTicks + this.#offset;
    if (timestamp <= this.#last) {
      timestamp = this.#last + 1;
      this.#offset = timestamp - frame.ptsTicks;
    }
    this.#last = timestamp;
    return wrap(timestamp);
  }
}

function wrap(timestamp: number): number {
  return timestamp % 2 ** 32;
}
