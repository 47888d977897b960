import type { ReasonCode } from '@vedette/contracts';

/** Why a view was taken away for good, as the operator is told; null where asking again makes sense. */
export function revokedBy(code: ReasonCode | undefined): ReasonCode | null {
  switch (code) {
    case 'revoked':
    case 'session_revoked':
      return 'session_revoked';
    case 'access_ended':
    case 'forbidden':
      return 'access_ended';
    case 'denied_by_policy':
      return 'denied_by_policy';
    default:
      return null;
  }
}
