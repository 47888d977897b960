import type { FrameSink } from '@vedette/media-types';

export interface TranscodeVideoOptions {
  /** A whole session description with one video section and no control address: the packets to come. */
  readonly sdp: string;
  /** Gets one H.264 track and its frames; the caller gives both the track number of its stream. */
  readonly sink: FrameSink;
  /** Where the time line of the run stands, ticks of 90 kHz; frames go on after it. Undefined: it begins. */
  readonly firstTicks: number | undefined;
  /** Ends it; whatever was started is gone when `ended` settles. */
  readonly signal: AbortSignal;
}

/** One camera's video on its way through a transcoder. */
export interface VideoTranscoding {
  /** A packet of the camera, as it came. Never waits: what there is no room for is dropped. */
  rtp(data: Uint8Array): void;
  rtcp(data: Uint8Array): void;
  /** Resolves after the signal aborted; rejects with a SourceError (`ffmpeg_missing`, `ffmpeg_failed`, `ffmpeg_queued`). */
  readonly ended: Promise<void>;
  /** Where the newest frame stands, ticks of 90 kHz; undefined before the first. */
  readonly lastTicks: number | undefined;
}

/** Makes H.264 of a video codec that is not played as it is (Motion JPEG, MPEG-4 part 2, VP8, VP9, AV1, ...). */
export type TranscodeVideo = (options: TranscodeVideoOptions) => VideoTranscoding;
