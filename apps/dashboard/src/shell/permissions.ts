import type { Role } from '@vedette/contracts';

/** What the page offers to whom. Control decides by itself; this only keeps people from dead ends. */
const TABLE = {
  'cameras.change': ['admin'],
  'nodes.see': ['operator', 'admin'],
  'sessions.see': ['operator', 'admin'],
  'sessions.end': ['admin'],
  'users.manage': ['admin'],
  'audit.see': ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof TABLE;

export function may(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = TABLE[permission];
  return roles.includes(role);
}
