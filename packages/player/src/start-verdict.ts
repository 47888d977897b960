import type { ReasonCode } from '@vedette/contracts';

export interface StartVerdict {
  /** Whether asking again by itself makes sense. */
  readonly again: boolean;
  /** Not sooner than this. */
  readonly floorMs: number;
}

const NO: StartVerdict = { again: false, floorMs: 0 };
const SLOW: StartVerdict = { again: true, floorMs: 30_000 };
const WHEN_OTHERS_LEAVE: StartVerdict = { again: true, floorMs: 4000 };
const QUICK: StartVerdict = { again: true, floorMs: 0 };

/** What a refused start means for the next one. */
export function startVerdict(code: ReasonCode): StartVerdict {
  switch (code) {
    case 'forbidden':
    case 'unauthenticated':
    case 'csrf_rejected':
    case 'camera_not_found':
    case 'session_revoked':
    case 'revoked':
    case 'access_ended':
    case 'denied_by_policy':
    case 'reason_required':
    case 'invalid_request':
      return NO;
    case 'camera_not_configured':
    case 'codec_unsupported':
    case 'source_not_allowed':
    case 'no_common_codec':
      return SLOW;
    case 'at_capacity':
    case 'quota_exceeded':
      return WHEN_OTHERS_LEAVE;
    default:
      return QUICK;
  }
}
