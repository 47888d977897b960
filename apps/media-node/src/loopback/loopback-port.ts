import type { FrameSink } from '@vedette/media-types';
import type { StreamHub } from '../hub/stream-hub.ts';

/** What a process of ours publishes. */
export interface LoopbackReception {
  /** rtsp:// address, good for one publisher. */
  readonly url: string;
  /** Resolves when the publisher is gone, or the signal aborted. */
  readonly ended: Promise<void>;
  /** Where the newest frame stands, ticks of 90 kHz; undefined before the first. */
  readonly lastTicks: number | undefined;
  readonly packetsLost: number;
}

/** Packets of a camera on their way to a process of ours. */
export interface LoopbackRelay {
  /** rtsp:// address, good for one reader. */
  readonly url: string;
  rtp(data: Uint8Array): void;
  rtcp(data: Uint8Array): void;
}

/** Where our own FFmpeg processes read frames from and publish them to: on this machine alone, by addresses nobody can guess. */
export interface LoopbackPort {
  /** An address that one process may read the stream from, until the signal aborts. */
  serve(options: { readonly hub: StreamHub; readonly signal: AbortSignal }): string;
  /** An address that one process may publish to; its frames go to `sink` on the time line after `firstTicks`. */
  receive(options: {
    readonly sink: FrameSink;
    readonly firstTicks: number | undefined;
    readonly onPublishing: () => void;
    readonly signal: AbortSignal;
  }): LoopbackReception;
  /** Packets handed on as they are; `sdp` describes one media section. */
  relay(options: { readonly sdp: string; readonly signal: AbortSignal }): LoopbackRelay;
}
