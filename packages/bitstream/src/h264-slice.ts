import { BitReader } from './bit-reader.ts';
import { removeEmulationPrevention } from './emulation-prevention.ts';
import { H264_NAL, h264NalType } from './h264-nal.ts';

export type H264SliceType = 'P' | 'B' | 'I' | 'SP' | 'SI';

/** The beginning of an H.264 slice header (section 7.3.3). */
export interface H264Slice {
  /** 0 for the first slice of a picture. */
  readonly firstMb: number;
  readonly type: H264SliceType;
  readonly ppsId: number;
}

const TYPES: readonly H264SliceType[] = ['P', 'B', 'I', 'SP', 'SI'];
/** Three exp-Golomb codes of at most 33 bits and their emulation prevention bytes. */
const HEADER_BYTES = 20;

/** Reads the header of a slice NAL unit (types 1, 2 and 5), of which the first 20 bytes are enough; null otherwise. */
export function parseH264Slice(nal: Uint8Array): H264Slice | null {
  const nalType = h264NalType(nal[0] ?? 0);
  if (nalType !== H264_NAL.slice && nalType !== H264_NAL.idr && nalType !== H264_NAL.partitionA) return null;
  const bits = new BitReader(removeEmulationPrevention(nal.subarray(1, HEADER_BYTES)));
  const firstMb = bits.unsigned();
  const type = TYPES[bits.unsigned() % 5];
  const ppsId = bits.unsigned();
  if (bits.overrun || type === undefined || ppsId > 255) return null;
  return { firstMb, type, ppsId };
}
