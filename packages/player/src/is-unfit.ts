import type { ReasonCode } from '@vedette/contracts';

/** WebRTC cannot carry the stream, however often it is asked to. */
export function isUnfit(reason: ReasonCode): boolean {
  return reason === 'has_b_frames' || reason === 'no_common_codec';
}
