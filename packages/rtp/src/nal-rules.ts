import {
  H264_NAL,
  H265_NAL,
  h264NalType,
  h265NalType,
  isH265Irap,
  parseH264Pps,
  parseH264Sps,
  parseH265PpsId,
  parseH265Sps,
  parseH265VpsId,
} from '@vedette/bitstream';
import type { VideoCodec } from '@vedette/media-types';

export type NalKind = 'slice' | 'key-slice' | 'vps' | 'sps' | 'pps' | 'delimiter' | 'filler' | 'other';

/** What the assembly of access units has to know about a codec. */
export interface NalRules {
  readonly codec: VideoCodec;
  readonly headerBytes: number;
  kindOf(firstByte: number): NalKind;
  /** Whether a slice is the first of its picture: first_mb_in_slice is 0, or first_slice_segment_in_pic_flag. */
  startsPicture(slice: Uint8Array): boolean;
  /** The id of a parameter set; null when it cannot be read, so that a broken one is never taken over. */
  parameterSetId(kind: 'vps' | 'sps' | 'pps', nal: Uint8Array): number | null;
}

export const H264_RULES: NalRules = {
  codec: 'h264',
  headerBytes: 1,
  kindOf(firstByte) {
    switch (h264NalType(firstByte)) {
      case H264_NAL.slice:
      case H264_NAL.partitionA:
      case 3:
      case H264_NAL.partitionC:
        return 'slice';
      case H264_NAL.idr:
        return 'key-slice';
      case H264_NAL.sps:
        return 'sps';
      case H264_NAL.pps:
        return 'pps';
      case H264_NAL.accessUnitDelimiter:
        return 'delimiter';
      case H264_NAL.filler:
        return 'filler';
      default:
        return 'other';
    }
  },
  startsPicture: (slice) => ((slice[1] ?? 0) & 0x80) !== 0,
  parameterSetId(kind, nal) {
    if (kind === 'vps') return null;
    return (kind === 'sps' ? parseH264Sps(nal) : parseH264Pps(nal))?.id ?? null;
  },
};

export const H265_RULES: NalRules = {
  codec: 'h265',
  headerBytes: 2,
  kindOf(firstByte) {
    const type = h265NalType(firstByte);
    if (isH265Irap(type)) return 'key-slice';
    if (type <= H265_NAL.lastSlice) return 'slice';
    switch (type) {
      case H265_NAL.vps:
        return 'vps';
      case H265_NAL.sps:
        return 'sps';
      case H265_NAL.pps:
        return 'pps';
      case H265_NAL.accessUnitDelimiter:
        return 'delimiter';
      case H265_NAL.filler:
        return 'filler';
      default:
        return 'other';
    }
  },
  startsPicture: (slice) => ((slice[2] ?? 0) & 0x80) !== 0,
  parameterSetId(kind, nal) {
    if (kind === 'vps') return parseH265VpsId(nal);
    return kind === 'sps' ? (parseH265Sps(nal)?.id ?? null) : parseH265PpsId(nal);
  },
};
