import { BitReader } from './bit-reader.ts';
import { removeEmulationPrevention } from './emulation-prevention.ts';
import { H264_NAL, h264NalType } from './h264-nal.ts';

/** What we use of an H.264 sequence parameter set (section 7.3.2.1.1 and annex E). */
export interface H264Sps {
  readonly id: number;
  readonly profileIdc: number;
  /** constraint_set0_flag is the highest bit. */
  readonly constraintFlags: number;
  readonly levelIdc: number;
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepth: number;
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Frames a second from the VUI; null when absent or absurd. */
  readonly frameRate: number | null;
  /** How many frames may come before one in decode order and after it in output order; null when not told. */
  readonly maxReorderFrames: number | null;
  /** `avc1.PPCCLL`, RFC 6381 section 3.3. */
  readonly codec: string;
}

const WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_SIDE = 16_384;

/** Reads a raw SPS NAL unit; null when it is not one, or is cut short, or tells an impossible picture. */
export function parseH264Sps(nal: Uint8Array): H264Sps | null {
  if (nal.length < 4 || h264NalType(nal[0] ?? 0) !== H264_NAL.sps) return null;
  const bits = new BitReader(removeEmulationPrevention(nal).subarray(1));
  const profileIdc = bits.bits(8);
  const constraintFlags = bits.bits(8);
  const levelIdc = bits.bits(8);
  const id = bits.unsigned();
  let chromaFormat = 1;
  let bitDepth = 8;
  let separatePlanes = false;
  if (WITH_CHROMA.has(profileIdc)) {
    chromaFormat = bits.unsigned();
    if (chromaFormat === 3) separatePlanes = bits.flag();
    bitDepth = 8 + bits.unsigned();
    bits.unsigned(); // bit_depth_chroma_minus8
    bits.skip(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrderCount(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = bits.unsigned() + 1;
  const heightInMapUnits = bits.unsigned() + 1;
  const frameMbsOnly = bits.flag();
  if (!frameMbsOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const crop = bits.flag() ? readCrop(bits) : [0, 0, 0, 0];
  const hasVui = bits.flag();
  if (bits.overrun || id > 31 || chromaFormat > 3 || bitDepth > 14) return null;

  const chromaArray = separatePlanes ? 0 : chromaFormat;
  const cropUnitX = chromaArray === 1 || chromaArray === 2 ? 2 : 1;
  const fieldFactor = frameMbsOnly ? 1 : 2;
  const cropUnitY = (chromaArray === 1 ? 2 : 1) * fieldFactor;
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const width = widthInMbs * 16 - cropUnitX * (left + right);
  const height = heightInMapUnits * 16 * fieldFactor - cropUnitY * (top + bottom);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return null;

  const vui = hasVui ? readVui(bits) : NO_VUI;
  return {
    id,
    profileIdc,
    constraintFlags,
    levelIdc,
    chromaFormat,
    bitDepth,
    width,
    height,
    interlaced: !frameMbsOnly,
    frameRate: vui.frameRate,
    // Baseline has no B slices, whatever its VUI says or leaves out (section A.2.1).
    maxReorderFrames: profileIdc === 66 ? 0 : vui.maxReorderFrames,
    codec: `avc1.${hex(profileIdc)}${hex(constraintFlags)}${hex(levelIdc)}`,
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}

function readCrop(bits: BitReader): [number, number, number, number] {
  return [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()];
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count && !bits.overrun; list += 1) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64) && !bits.overrun; i += 1) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type !== 1) return;
  bits.skip(1);
  bits.signed();
  bits.signed();
  const cycle = bits.unsigned();
  for (let i = 0; i < cycle && i < 256 && !bits.overrun; i += 1) bits.signed();
}

interface Vui {
  readonly frameRate: number | null;
  readonly maxReorderFrames: number | null;
}

const NO_VUI: Vui = { frameRate: null, maxReorderFrames: null };

/** Cameras write VUIs that end too early: what was read until then is used, the picture size stands. */
function readVui(bits: BitReader): Vui {
  if (bits.flag() && bits.bits(8) === 255) bits.skip(32); // aspect ratio
  if (bits.flag()) bits.skip(1); // overscan
  if (bits.flag()) {
    bits.skip(4); // video_format, full range
    if (bits.flag()) bits.skip(24); // colour description
  }
  if (bits.flag()) {
    bits.unsigned(); // chroma location
    bits.unsigned();
  }
  let frameRate: number | null = null;
  if (bits.flag()) {
    const unitsInTick = bits.bits(32);
    const timeScale = bits.bits(32);
    bits.skip(1); // fixed_frame_rate_flag
    const rate = timeScale / (2 * unitsInTick);
    if (!bits.overrun && rate > 0 && rate <= 300) frameRate = rate;
  }
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  if (!bits.flag() || bits.overrun) return { frameRate, maxReorderFrames: null };
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  bits.unsigned();
  bits.unsigned();
  bits.unsigned();
  bits.unsigned();
  const reorder = bits.unsigned();
  return { frameRate, maxReorderFrames: bits.overrun || reorder > 16 ? null : reorder };
}

function skipHrd(bits: BitReader): void {
  const count = bits.unsigned() + 1;
  bits.skip(8); // bit_rate_scale, cpb_size_scale
  for (let i = 0; i < count && i < 32 && !bits.overrun; i += 1) {
    bits.unsigned();
    bits.unsigned();
    bits.skip(1);
  }
  bits.skip(20); // delay lengths, time offset length
}
