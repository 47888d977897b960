import type { EncodedFrame } from './encoded-frame.ts';
import type { Track } from './track.ts';

/** Tracks first, then frames (whole access units) in decode order. A later `tracks()` is a discontinuity. */
export interface FrameSink {
  tracks(tracks: readonly Track[]): void;
  frame(frame: EncodedFrame): void;
}

/** Pulls one source until the signal aborts; throws on failure, never retries. */
export interface MediaSource {
  run(sink: FrameSink, signal: AbortSignal): Promise<void>;
}

/** Why a way out was closed by us. */
export type CloseReason =
  | 'stream_dropped'
  | 'revoked'
  | 'replaced'
  | 'too_slow'
  | 'viewer_left'
  | 'shutting_down';

/** One way out. Its first frame is a key frame; a slow one skips to the next. */
export interface Subscriber extends FrameSink {
  readonly id: string;
  close(reason: CloseReason): void;
}
