import { HOME_TENANT, type Role } from '@vedette/contracts';
import type { Principal } from './principal.ts';

const EVERYONE = ['viewer', 'operator', 'site-admin', 'admin', 'auditor'] as const;
const WATCHERS = ['viewer', 'operator', 'site-admin', 'admin'] as const;
const OPERATORS = ['operator', 'site-admin', 'admin'] as const;
const KEEPERS = ['site-admin', 'admin'] as const;
const ADMINS = ['admin'] as const;
const READERS = ['operator', 'site-admin', 'admin', 'auditor'] as const;

interface Rule {
  readonly roles: readonly Role[];
  /** Concerns all tenants: only for people of the first one. */
  readonly platform?: true;
}

/** Who may do what. What is not in this table nobody may do; on which cameras, camera-access.ts says. */
const TABLE = {
  /** My own account: who I am, my password, my sign-ins, signing out. */
  self: { roles: EVERYONE },
  /** See the list of cameras and the state of each. */
  'camera.read': { roles: EVERYONE },
  /** Add, change and delete cameras; see the user names they are opened with. */
  'camera.write': { roles: KEEPERS },
  /** Let the server connect to an address of one's choice. */
  'camera.probe': { roles: KEEPERS },
  /** Look for devices on the network. */
  'camera.discover': { roles: KEEPERS },
  /** Start, renew and stop views of one's own. */
  'view.watch': { roles: WATCHERS },
  /** End views of others. */
  'view.end-any': { roles: KEEPERS },
  /** Hear of changes as they happen. */
  'event.read': { roles: EVERYONE },
  'stream.read': { roles: OPERATORS },
  'session.read': { roles: READERS },
  /** Sites, groups and recorders. */
  'site.read': { roles: EVERYONE },
  'site.manage': { roles: ADMINS },
  'policy.read': { roles: READERS },
  'policy.manage': { roles: ADMINS },
  /** How much may be used at once, and how much is. */
  'limit.read': { roles: READERS },
  'limit.manage': { roles: ADMINS },
  /** Whom to tell of what goes wrong. */
  'alert.manage': { roles: ADMINS },
  'incident.manage': { roles: KEEPERS },
  /** Pull cameras before anyone asks: for alarm systems, by a token cut down to it. */
  'alarm.raise': { roles: OPERATORS },
  'user.manage': { roles: ADMINS },
  'token.manage': { roles: ADMINS },
  /** Search, export and verify what was done. */
  'audit.read': { roles: ['admin', 'auditor'] },
  'analytics.read': { roles: ['admin', 'auditor'] },
  'node.read': { roles: OPERATORS, platform: true },
  'node.manage': { roles: ADMINS, platform: true },
  'metrics.read': { roles: ADMINS, platform: true },
  'key.manage': { roles: ADMINS, platform: true },
  'tenant.manage': { roles: ADMINS, platform: true },
} as const satisfies Record<string, Rule>;

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
  const rule: Rule | undefined = Object.hasOwn(TABLE, permission) ? TABLE[permission] : undefined;
  const { role, scopes, tenantId } = principal;
  const refuse = (reason: string): AccessDecision => ({
    allowed: false,
    code: 'forbidden',
    rule: permission,
    reason,
  });
  if (rule?.roles.includes(role) !== true) return refuse(`the role ${role} does not include ${permission}`);
  if (rule.platform === true && tenantId !== HOME_TENANT)
    return refuse(`${permission} is for those who run the platform`);
  if (scopes !== undefined && !scopes.includes(permission))
    return refuse(`this token is cut down to other permissions than ${permission}`);
  return { allowed: true, rule: permission, reason: `the role ${role} includes ${permission}` };
}

/** All that somebody may do, by name. */
export function permissionsOf(principal: Principal): Permission[] {
  return PERMISSIONS.filter((permission) => authorize(principal, permission).allowed);
}
