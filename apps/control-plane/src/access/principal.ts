import type { Grant, Role, TenantId, UserId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyRequest } from 'fastify';

/** Who asks: a signed-in person, or a program with an API token. */
export interface Principal {
  readonly kind: 'user' | 'token';
  /** Of the user, or of the token. */
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly tenantId: TenantId;
  /** Which cameras; who sees all by role needs none. */
  readonly grants: readonly Grant[];
  /** Permissions that a token is cut down to; undefined: all of its role. */
  readonly scopes?: readonly string[] | undefined;
  /** When a token ends; of a person, and of a token without end, undefined. */
  readonly expiresAtMs?: number | undefined;
  /** The sign-in that the cookie stands for; only a person has one. */
  readonly signInId?: string;
}

export const PRINCIPAL = 'principal';

/** Who sent this request, on a route that names a permission. Throws `unauthenticated` anywhere else. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = request.getDecorator<Principal | null>(PRINCIPAL);
  if (principal === null) throw new VedetteError('unauthenticated');
  return principal;
}
