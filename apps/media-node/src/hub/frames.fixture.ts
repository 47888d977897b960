import type { CloseReason, EncodedFrame, Subscriber, Track, VideoTrack } from '@vedette/media-types';

export const VIDEO: VideoTrack = {
  kind: 'video',
  id: 1,
  codec: 'h264',
  clockRate: 90_000,
  parameterSets: { sps: Uint8Array.of(0x67), pps: Uint8Array.of(0x68) },
  width: 1280,
  height: 720,
};
export const AUDIO: Track = { kind: 'audio', id: 2, codec: 'pcma', clockRate: 8000, channels: 1 };

export function video(n: number, key = false, bytes = 100): EncodedFrame {
  return {
    trackId: 1,
    kind: 'video',
    dtsTicks: n * 6000,
    ptsTicks: n * 6000,
    key,
    data: new Uint8Array(bytes),
    parameterSetBytes: 0,
    wallClockMs: n,
  };
}

export function audio(n: number): EncodedFrame {
  return { ...video(n, true), trackId: 2, kind: 'audio' };
}

/** Writes down what it is told, in order. */
export class RecordingSubscriber implements Subscriber {
  readonly id: string;
  readonly frames: EncodedFrame[] = [];
  readonly trackCalls: (readonly Track[])[] = [];
  readonly closed: CloseReason[] = [];
  onFrame: (frame: EncodedFrame) => void = () => {};

  constructor(id: string) {
    this.id = id;
  }

  tracks(tracks: readonly Track[]): void {
    this.trackCalls.push(tracks);
  }

  frame(frame: EncodedFrame): void {
    this.frames.push(frame);
    this.onFrame(frame);
  }

  close(reason: CloseReason): void {
    this.closed.push(reason);
  }
}
