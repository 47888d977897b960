import type { AudioCodec } from '@vedette/media-types';

/** How one audio stream travels in RTP, as its SDP tells. */
export interface AudioFormat {
  readonly codec: AudioCodec;
  /** Ticks a second of the RTP timestamps: 90000 for MP3 (RFC 3551 section 4.5.13), 8000 for G.722, else the samples'. */
  readonly rtpClockRate: number;
  /** Samples a second; undefined where only the frames tell (MP3). */
  readonly sampleRate: number | undefined;
  readonly channels: number;
  /** AudioSpecificConfig of AAC. */
  readonly config?: Uint8Array;
  readonly samples?: { readonly bits: number; readonly littleEndian: boolean };
  /** AAC only. */
  readonly aac?: AacPayloadFormat;
}

/** How AAC frames lie in a packet: RFC 3640 section 3.2.1, or RFC 3016 section 4 (`latm`). */
export type AacPayloadFormat =
  | {
      readonly kind: 'generic';
      /** Bits; all zero where packets have no AU headers. */
      readonly sizeLength: number;
      readonly indexLength: number;
      readonly indexDeltaLength: number;
    }
  | { readonly kind: 'latm' };
