import { RtspRefusal } from '@vedette/rtsp';
import { VedetteError } from '@vedette/runtime';

/** What a refusal of control or the node is in RTSP. */
export function rtspRefusal(error: unknown): RtspRefusal {
  const code = error instanceof VedetteError ? error.code : 'internal_error';
  switch (code) {
    case 'unauthenticated':
    case 'session_revoked':
      return new RtspRefusal(401, 'credentials are needed');
    case 'forbidden':
      return new RtspRefusal(403, 'not allowed');
    case 'camera_not_found':
    case 'not_found':
    case 'not_running':
      return new RtspRefusal(404, 'there is no such stream');
    case 'at_capacity':
    case 'quota_exceeded':
      return new RtspRefusal(453, 'no room for another reader');
    default:
      return new RtspRefusal(503, 'not now');
  }
}
