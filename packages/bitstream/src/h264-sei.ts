import { removeEmulationPrevention } from './emulation-prevention.ts';
import { H264_NAL, h264NalType } from './h264-nal.ts';

const RECOVERY_POINT = 6;

/**
 * True when an SEI NAL unit announces a recovery point (section D.1.8): where decoding can begin in a stream that
 * refreshes its picture bit by bit and never sends an IDR.
 */
export function hasRecoveryPoint(nal: Uint8Array): boolean {
  if (h264NalType(nal[0] ?? 0) !== H264_NAL.sei) return false;
  const data = removeEmulationPrevention(nal.subarray(0, 512));
  let at = 1;
  while (at + 2 <= data.length && data[at] !== 0x80) {
    let type = 0;
    while (data[at] === 0xff) {
      type += 255;
      at += 1;
    }
    type += data[at] ?? 0;
    at += 1;
    let size = 0;
    while (data[at] === 0xff) {
      size += 255;
      at += 1;
    }
    size += data[at] ?? 0;
    at += 1 + size;
    if (type === RECOVERY_POINT) return true;
  }
  return false;
}
