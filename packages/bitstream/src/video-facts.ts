import type { VideoCodec } from '@vedette/media-types';
import { parseH264Sps } from './h264-sps.ts';
import { parseH265Sps } from './h265-parameter-sets.ts';

/** What an SPS tells about a stream, whichever codec it is. */
export interface VideoFacts {
  /** RFC 6381 string for `CODECS` and `MediaSource.isTypeSupported`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** From the VUI; null when it does not say. H.265 streams are measured instead. */
  readonly frameRate: number | null;
  /** Null when the SPS does not say. */
  readonly maxReorderFrames: number | null;
}

/** Null when the SPS cannot be read. */
export function videoFacts(codec: VideoCodec, sps: Uint8Array): VideoFacts | null {
  return codec === 'h264' ? parseH264Sps(sps) : h265Facts(sps);
}

function h265Facts(sps: Uint8Array): VideoFacts | null {
  const parsed = parseH265Sps(sps);
  return parsed === null ? null : { ...parsed, frameRate: null };
}
