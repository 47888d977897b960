/** nal_unit_type, H.264 table 7-1; the ones that a live stream carries. */
export const H264_NAL = {
  slice: 1,
  partitionA: 2,
  partitionC: 4,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  filler: 12,
} as const;

export function h264NalType(firstByte: number): number {
  return firstByte & 0x1f;
}
