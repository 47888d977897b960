import { BitReader, unescapeNal } from './bit-reader.ts';

export interface SpsFacts {
  /** profile_idc, constraint flags and level_idc as six hexadecimal digits (RFC 6184 section 8.1). */
  readonly profileLevelId: string;
  readonly profile: 'Baseline' | 'Main' | 'High';
  /** Pixels after cropping. */
  readonly width: number;
  readonly height: number;
}

/** Reads what a camera tells of its stream out of a sequence parameter set (ITU-T H.264 section 7.3.2.1.1). */
export function readSps(sps: Uint8Array): SpsFacts {
  const bits = new BitReader(unescapeNal(sps).subarray(1));
  const profileIdc = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  bits.unsigned();
  let chroma = 1;
  if (HIGH_PROFILES.has(profileIdc)) {
    chroma = bits.unsigned();
    if (chroma === 3) bits.bits(1);
    bits.unsigned();
    bits.unsigned();
    bits.bits(1);
    if (bits.bits(1) === 1) for (let i = 0; i < (chroma === 3 ? 12 : 8); i++) skipScalingList(bits, i);
  }
  bits.unsigned();
  skipPictureOrder(bits);
  bits.unsigned();
  bits.bits(1);
  const widthUnits = bits.unsigned() + 1;
  const heightUnits = bits.unsigned() + 1;
  const framesOnly = bits.bits(1);
  if (framesOnly === 0) bits.bits(1);
  bits.bits(1);
  let [left, right, top, bottom] = [0, 0, 0, 0];
  if (bits.bits(1) === 1) {
    left = bits.unsigned();
    right = bits.unsigned();
    top = bits.unsigned();
    bottom = bits.unsigned();
  }
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (2 - framesOnly);
  return {
    profileLevelId: [profileIdc, constraints, level].map((n) => n.toString(16).padStart(2, '0')).join(''),
    profile: profileIdc === 66 ? 'Baseline' : profileIdc === 77 ? 'Main' : 'High',
    width: widthUnits * 16 - (left + right) * cropX,
    height: heightUnits * 16 * (2 - framesOnly) - (top + bottom) * cropY,
  };
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function skipScalingList(bits: BitReader, index: number): void {
  if (bits.bits(1) === 0) return;
  let last = 8;
  let next = 8;
  for (let i = 0; i < (index < 6 ? 16 : 64); i++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type !== 1) return;
  bits.bits(1);
  bits.signed();
  bits.signed();
  const count = bits.unsigned();
  for (let i = 0; i < count; i++) bits.signed();
}
