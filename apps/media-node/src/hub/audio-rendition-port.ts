import type { ReasonCode } from '@vedette/contracts';
import type { StreamHub } from './stream-hub.ts';

/** `opus` for browsers over WebRTC (48 kHz, frames of 20 ms), `aac` for HLS (AAC-LC, frames of 1024 samples). */
export type RenditionCodec = 'opus' | 'aac';

/** The sound of one stream in another codec; shared by all who opened it. */
export interface AudioRendition {
  /**
   * Subscribe here with replay `none`; `tracks` is called once the sound is known and again when it changes, with
   * one audio track that has the number (`id`) of the source's own, or with none when the source has no sound.
   * Frames are on the time line of the source: `ptsTicks / clockRate` are its seconds, so a picture of the same
   * time belongs to it. Closed with the source's hub.
   */
  readonly hub: Pick<StreamHub, 'subscribe' | 'unsubscribe' | 'currentTracks'>;
  /** Why nothing comes (`ffmpeg_missing`, `ffmpeg_queued`, `ffmpeg_failed`); null while sound comes or is about to. */
  readonly reason: ReasonCode | null;
  /** The opener needs it no more; may be repeated. With the last one the process ends. */
  release(): void;
}

/** Makes sound for ways out that cannot play the source's own; one process a stream and codec, however many listen. */
export interface AudioRenditionPort {
  /**
   * Never throws and never waits: sound comes when it comes, and a process that fails is started again by itself.
   * A source that has the codec already is passed through without a process.
   */
  open(source: StreamHub, codec: RenditionCodec): AudioRendition;
}
