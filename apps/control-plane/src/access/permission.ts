import type { Role } from '@vedette/contracts';
import type { Principal } from './principal.ts';

const EVERYONE = ['viewer', 'operator', 'admin'] as const;
const OPERATORS = ['operator', 'admin'] as const;
const ADMINS = ['admin'] as const;

/** Who may do what. What is not in this table nobody may do. */
const TABLE = {
  /** My own account: who I am, my password, my sign-ins, signing out. */
  self: EVERYONE,
  /** See the list of cameras and the state of each. */
  'camera.read': EVERYONE,
  /** Add, change and delete cameras; see the user names they are opened with. */
  'camera.write': ADMINS,
  /** Let the server connect to an address of one's choice. */
  'camera.probe': ADMINS,
  /** Look for devices on the network. */
  'camera.discover': ADMINS,
  /** Start, renew and stop views of one's own. */
  'view.watch': EVERYONE,
  /** End views of others. */
  'view.end-any': ADMINS,
  /** Hear of changes as they happen. */
  'event.read': EVERYONE,
  'stream.read': OPERATORS,
  'session.read': OPERATORS,
  'node.read': OPERATORS,
  'metrics.read': ADMINS,
  'user.manage': ADMINS,
  'token.manage': ADMINS,
  /** Search, export and verify what was done. */
  'audit.read': ADMINS,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof TABLE;
export const PERMISSIONS = Object.keys(TABLE) as readonly Permission[];

/** `rule` and `reason` are for audit and for the decision steps of an answer. */
export type AccessDecision =
  | { readonly allowed: true; readonly rule: string; readonly reason: string }
  | {
      readonly allowed: false;
      readonly code: 'unauthenticated' | 'forbidden';
      readonly rule: string;
      readonly reason: string;
    };

/** The one place where it is decided. Default: no. */
export function authorize(principal: Principal | undefined, permission: Permission): AccessDecision {
  if (principal === undefined)
    return { allowed: false, code: 'unauthenticated', rule: permission, reason: 'nobody is signed in' };
  const roles: readonly Role[] | undefined = Object.hasOwn(TABLE, permission) ? TABLE[permission] : undefined;
  if (roles?.includes(principal.role) === true)
    return { allowed: true, rule: permission, reason: `the role ${principal.role} includes ${permission}` };
  return {
    allowed: false,
    code: 'forbidden',
    rule: permission,
    reason: `the role ${principal.role} does not include ${permission}`,
  };
}
