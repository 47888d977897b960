/** nal_unit_type, H.265 table 7-1; the ones that a live stream carries. */
export const H265_NAL = {
  trailN: 0,
  lastSlice: 31,
  blaWLp: 16,
  reservedIrap23: 23,
  vps: 32,
  sps: 33,
  pps: 34,
  accessUnitDelimiter: 35,
  filler: 38,
  prefixSei: 39,
} as const;

export function h265NalType(firstByte: number): number {
  return (firstByte >> 1) & 0x3f;
}

/** Decoding can begin here (section 3.66): BLA, IDR and CRA pictures. */
export function isH265Irap(nalType: number): boolean {
  return nalType >= H265_NAL.blaWLp && nalType <= H265_NAL.reservedIrap23;
}
