/**
 * One whole access unit (video) or one audio frame, immutable, shared by every subscriber of a stream.
 * Nobody writes to `data` after the frame was handed to a `FrameSink`.
 */
export interface EncodedFrame {
  readonly trackId: number;
  readonly kind: 'video' | 'audio';
  /** Ticks of the track's clock, unwrapped, never negative, rising across the life of a run. */
  readonly dtsTicks: number;
  readonly ptsTicks: number;
  /** True where decoding can begin: IDR (H.264), IRAP (H.265), every audio frame. */
  readonly key: boolean;
  /**
   * Video: NAL units each preceded by a 4-byte big-endian length (ISO 14496-15), access unit delimiters
   * removed, parameter sets exactly once before each key frame. Audio: the raw codec frame.
   */
  readonly data: Uint8Array;
  /** Bytes at the start of `data` that are the parameter sets with their lengths; 0 when there are none. */
  readonly parameterSetBytes: number;
  /** When the camera captured it (from sender reports once consistent), else when its first packet came; ms since the Unix epoch. */
  readonly wallClockMs: number;
}
