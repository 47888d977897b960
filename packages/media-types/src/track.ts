export type VideoCodec = 'h264' | 'h265';
export type AudioCodec = 'opus' | 'aac' | 'pcmu' | 'pcma' | 'mp3' | 'g722' | 'g726' | 'l16';

/** One elementary video stream. A change of parameter sets is a new `tracks()` call, never a mutation. */
export interface VideoTrack {
  readonly kind: 'video';
  readonly id: number;
  readonly codec: VideoCodec;
  /** Ticks a second of every timestamp of this track; 90000 for video (RFC 6184 section 8.2.1). */
  readonly clockRate: number;
  /** Raw NAL units without start code or length. `vps` only for H.265. */
  readonly parameterSets: { readonly vps?: Uint8Array; readonly sps: Uint8Array; readonly pps: Uint8Array };
  /** Pixels, after cropping, from the SPS. */
  readonly width: number;
  readonly height: number;
}

export interface AudioTrack {
  readonly kind: 'audio';
  readonly id: number;
  readonly codec: AudioCodec;
  /** Samples a second, which the timestamps count in: 16000 for G.722, whose RTP clock is 8000 (RFC 3551 section 4.5.2). */
  readonly clockRate: number;
  readonly channels: number;
  /** AudioSpecificConfig for AAC (ISO 14496-3), OpusHead body for Opus; absent where the codec needs none. */
  readonly config?: Uint8Array;
  /** Of G.726 (2 to 5 bits) and L16 only; L16 is big-endian unless said (RFC 3551 section 4.5.4, 4.5.11). */
  readonly samples?: { readonly bits: number; readonly littleEndian: boolean };
}

export type Track = VideoTrack | AudioTrack;
