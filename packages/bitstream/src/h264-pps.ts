import { BitReader } from './bit-reader.ts';
import { removeEmulationPrevention } from './emulation-prevention.ts';
import { H264_NAL, h264NalType } from './h264-nal.ts';

/** What we use of an H.264 picture parameter set (section 7.3.2.2). */
export interface H264Pps {
  readonly id: number;
  readonly spsId: number;
  readonly cabac: boolean;
}

/** Reads a raw PPS NAL unit; null when it is not one or is cut short. */
export function parseH264Pps(nal: Uint8Array): H264Pps | null {
  if (nal.length < 2 || h264NalType(nal[0] ?? 0) !== H264_NAL.pps) return null;
  const bits = new BitReader(removeEmulationPrevention(nal.subarray(1, 16)));
  const id = bits.unsigned();
  const spsId = bits.unsigned();
  const cabac = bits.flag();
  if (bits.overrun || id > 255 || spsId > 31) return null;
  return { id, spsId, cabac };
}
