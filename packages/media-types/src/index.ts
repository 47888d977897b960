export type { EncodedFrame } from './encoded-frame.ts';
export type { CloseReason, FrameSink, MediaSource, Subscriber } from './flow.ts';
export type { AudioCodec, AudioTrack, Track, VideoCodec, VideoTrack } from './track.ts';
