import { BitReader } from './bit-reader.ts';
import { removeEmulationPrevention } from './emulation-prevention.ts';
import { H265_NAL, h265NalType } from './h265-nal.ts';

/** What we use of an H.265 sequence parameter set (section 7.3.2.2). */
export interface H265Sps {
  readonly id: number;
  readonly profileIdc: number;
  /** general_level_idc: 30 times the level. */
  readonly levelIdc: number;
  readonly highTier: boolean;
  readonly chromaFormat: number;
  readonly bitDepth: number;
  /** Pixels, after the conformance window. */
  readonly width: number;
  readonly height: number;
  /** sps_max_num_reorder_pics of the highest sub-layer. */
  readonly maxReorderFrames: number;
  /** `hvc1.…`, ISO 14496-15 section E.3. */
  readonly codec: string;
}

const MAX_SIDE = 16_384;

/** Reads a raw SPS NAL unit; null when it is not one, or is cut short, or tells an impossible picture. */
export function parseH265Sps(nal: Uint8Array): H265Sps | null {
  if (nal.length < 15 || h265NalType(nal[0] ?? 0) !== H265_NAL.sps) return null;
  const bits = new BitReader(removeEmulationPrevention(nal).subarray(2));
  bits.skip(4); // sps_video_parameter_set_id
  const maxSubLayers = bits.bits(3);
  bits.skip(1); // temporal id nesting
  const profileSpace = bits.bits(2);
  const highTier = bits.flag();
  const profileIdc = bits.bits(5);
  const compatibility = bits.bits(32);
  const constraints: number[] = [];
  for (let i = 0; i < 6; i += 1) constraints.push(bits.bits(8));
  const levelIdc = bits.bits(8);
  skipSubLayers(bits, maxSubLayers);
  const id = bits.unsigned();
  const chromaFormat = bits.unsigned();
  if (chromaFormat === 3) bits.skip(1);
  let width = bits.unsigned();
  let height = bits.unsigned();
  if (bits.flag()) {
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
    const unitY = chromaFormat === 1 ? 2 : 1;
    width -= unitX * (bits.unsigned() + bits.unsigned());
    height -= unitY * (bits.unsigned() + bits.unsigned());
  }
  const bitDepth = 8 + bits.unsigned();
  bits.unsigned(); // bit_depth_chroma_minus8
  bits.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  let maxReorderFrames = 0;
  for (let i = bits.flag() ? 0 : maxSubLayers; i <= maxSubLayers && !bits.overrun; i += 1) {
    bits.unsigned(); // max_dec_pic_buffering
    maxReorderFrames = bits.unsigned();
    bits.unsigned(); // max_latency_increase
  }
  if (bits.overrun || id > 15 || chromaFormat > 3 || bitDepth > 16 || maxReorderFrames > 16) return null;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return null;
  const codec = codecString({ profileSpace, profileIdc, compatibility, highTier, levelIdc, constraints });
  return {
    id,
    profileIdc,
    levelIdc,
    highTier,
    chromaFormat,
    bitDepth,
    width,
    height,
    maxReorderFrames,
    codec,
  };
}

function skipSubLayers(bits: BitReader, maxSubLayers: number): void {
  if (maxSubLayers === 0) return;
  const present: [boolean, boolean][] = [];
  for (let i = 0; i < maxSubLayers; i += 1) present.push([bits.flag(), bits.flag()]);
  bits.skip(2 * (8 - maxSubLayers));
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

function codecString(parts: {
  profileSpace: number;
  profileIdc: number;
  compatibility: number;
  highTier: boolean;
  levelIdc: number;
  constraints: number[];
}): string {
  const space = ['', 'A', 'B', 'C'][parts.profileSpace] ?? '';
  let reversed = 0;
  for (let i = 0; i < 32; i += 1) reversed = reversed * 2 + ((parts.compatibility >>> i) & 1);
  const constraints = [...parts.constraints];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  return [
    'hvc1',
    `${space}${parts.profileIdc}`,
    reversed.toString(16).toUpperCase(),
    `${parts.highTier ? 'H' : 'L'}${parts.levelIdc}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join('.');
}

/** The id of a raw VPS NAL unit; null when it is not one. */
export function parseH265VpsId(nal: Uint8Array): number | null {
  if (nal.length < 6 || h265NalType(nal[0] ?? 0) !== H265_NAL.vps) return null;
  return (nal[2] ?? 0) >> 4;
}

/** The id of a raw PPS NAL unit; null when it is not one or is cut short. */
export function parseH265PpsId(nal: Uint8Array): number | null {
  if (nal.length < 3 || h265NalType(nal[0] ?? 0) !== H265_NAL.pps) return null;
  const bits = new BitReader(removeEmulationPrevention(nal.subarray(2, 16)));
  const id = bits.unsigned();
  return bits.overrun || id > 63 ? null : id;
}
