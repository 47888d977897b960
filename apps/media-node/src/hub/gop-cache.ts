import type { EncodedFrame } from '@vedette/media-types';

/** The current GOP: one key frame and everything after it, in decode order. */
export interface Gop {
  readonly frames: readonly EncodedFrame[];
  /** Payload bytes of `frames`. */
  readonly bytes: number;
  /** Media time from the key frame to the newest frame of the same kind, ms. */
  readonly durationMs: number;
  /** False once the GOP outgrew its limits: only its key frame is kept, so live frames do not follow on it. */
  readonly complete: boolean;
}

export interface GopCacheOptions {
  readonly limitBytes: number;
  /** Media time, ms. */
  readonly limitMs: number;
}

/** Guards against frames without bytes and without moving timestamps, which the other limits would never see. */
const LIMIT_FRAMES = 8192;

const EMPTY: Gop = { frames: [], bytes: 0, durationMs: 0, complete: true };

/**
 * Keeps the GOP that is being received, so that a viewer who joins has a picture at once.
 * A GOP beyond the limits shrinks to its key frame: still good as a still picture, never as a base for live frames.
 */
export class GopCache {
  readonly #limitBytes: number;
  readonly #limitMs: number;
  #frames: EncodedFrame[] = [];
  #bytes = 0;
  #durationMs = 0;
  #complete = true;

  constructor(options: GopCacheOptions) {
    this.#limitBytes = options.limitBytes;
    this.#limitMs = options.limitMs;
  }

  /** `opensGop`: decoding of the whole stream can begin here. `clockRate`: ticks a second of the frame's track. */
  push(frame: EncodedFrame, opensGop: boolean, clockRate: number): void {
    if (opensGop) {
      // A new array, not a cleared one: whoever holds the last snapshot keeps a true one.
      this.#frames = [frame];
      this.#bytes = frame.data.byteLength;
      this.#durationMs = 0;
      this.#complete = true;
      return;
    }
    const first = this.#frames[0];
    if (first === undefined || !this.#complete) return;
    this.#frames.push(frame);
    this.#bytes += frame.data.byteLength;
    if (frame.trackId === first.trackId) {
      this.#durationMs = ((frame.dtsTicks - first.dtsTicks) * 1000) / clockRate;
    }
    if (
      this.#bytes > this.#limitBytes ||
      this.#durationMs > this.#limitMs ||
      this.#frames.length > LIMIT_FRAMES
    ) {
      this.#frames = [first];
      this.#bytes = first.data.byteLength;
      this.#durationMs = 0;
      this.#complete = false;
    }
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.#durationMs = 0;
    this.#complete = true;
  }

  /** `frames` grows with the stream until the next key frame; read it at once or copy it. */
  snapshot(): Gop {
    if (this.#frames.length === 0) return EMPTY;
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      durationMs: this.#durationMs,
      complete: this.#complete,
    };
  }
}
