import type { FragmentSample } from '@vedette/fmp4';
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';

interface Waiting {
  readonly frame: EncodedFrame;
  readonly decodeTicks: number;
}

export interface AudioRun {
  readonly decodeTicks: number;
  readonly samples: readonly FragmentSample[];
}

const LIMIT_FRAMES = 2048;
const MAX_SAMPLE_SECONDS = 2;

/**
 * Audio beside video: frames wait until a part is cut and go into it. One is held back until its follower tells how
 * long it lasts. The video's time line leads; both meet where their capture times are the same.
 */
export class AudioLane {
  readonly #clockRate: number;
  readonly #waiting: Waiting[] = [];
  /** What the video's time line says: seconds of ours at a capture time. */
  #anchor: { readonly seconds: number; readonly wallClockMs: number } | undefined;
  #offset: number | undefined;
  #lastTicks = -1;

  constructor(track: AudioTrack) {
    this.#clockRate = track.clockRate;
  }

  /** A stretch of the leading time line begins; frames from before it are not wanted. */
  anchor(seconds: number, wallClockMs: number): void {
    this.#anchor = { seconds, wallClockMs };
    this.#offset = undefined;
    this.#waiting.length = 0;
  }

  push(frame: EncodedFrame): void {
    const anchor = this.#anchor;
    if (anchor === undefined) return;
    if (this.#offset === undefined) {
      const seconds = anchor.seconds + (frame.wallClockMs - anchor.wallClockMs) / 1000;
      this.#offset = Math.round(seconds * this.#clockRate) - frame.dtsTicks;
    }
    const mapped = frame.dtsTicks + this.#offset;
    if (mapped < anchor.seconds * this.#clockRate) return;
    if (this.#waiting.length === LIMIT_FRAMES) this.#waiting.shift();
    const decodeTicks = Math.max(mapped, this.#lastTicks + 1);
    this.#waiting.push({ frame, decodeTicks });
    this.#lastTicks = decodeTicks;
  }

  /** All whose duration is known. */
  take(): AudioRun | undefined {
    const first = this.#waiting[0];
    if (first === undefined || this.#waiting.length < 2) return undefined;
    const samples: FragmentSample[] = [];
    for (let i = 0; i + 1 < this.#waiting.length; i += 1) {
      const sample = this.#waiting[i];
      const next = this.#waiting[i + 1];
      if (sample === undefined || next === undefined) break;
      samples.push({
        data: sample.frame.data,
        durationTicks: Math.min(next.decodeTicks - sample.decodeTicks, MAX_SAMPLE_SECONDS * this.#clockRate),
        compositionTicks: 0,
        key: true,
      });
    }
    this.#waiting.splice(0, samples.length);
    return { decodeTicks: first.decodeTicks, samples };
  }
}
