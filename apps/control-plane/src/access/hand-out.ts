import type { Role, TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { authorize, permissionsOf } from './permission.ts';
import type { Principal } from './principal.ts';

/** Throws `forbidden` where somebody would give another more than he has himself. */
export function requireOwnRights(
  giver: Principal,
  given: {
    readonly role: Role;
    readonly tenantId: TenantId;
    readonly scopes?: readonly string[] | undefined;
    /** Of a token; null: for ever, as an account is. */
    readonly expiresAtMs: number | null;
  },
): void {
  const { expiresAtMs, role, scopes, tenantId } = given;
  const receiver: Principal = { ...giver, role, tenantId, scopes };
  const missing = permissionsOf(receiver).find((permission) => !authorize(giver, permission).allowed);
  if (missing !== undefined)
    throw new VedetteError('forbidden', {
      detail: `You do not have ${missing} yourself, and cannot give it.`,
    });
  if (giver.expiresAtMs !== undefined && (expiresAtMs === null || expiresAtMs > giver.expiresAtMs))
    throw new VedetteError('forbidden', {
      detail: 'The token that asks ends before that. Give an end that is not after its own.',
    });
}
