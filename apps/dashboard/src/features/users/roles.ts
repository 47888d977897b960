import type { Role } from '@vedette/contracts';
import type { Permission } from '../../shell/permissions.ts';

/** The roles in the order of what they may do. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'Watches the cameras given to them.' },
  {
    value: 'operator',
    label: 'Operator',
    may: 'Watches the cameras given to them, and sees who watches what, and why.',
  },
  { value: 'auditor', label: 'Auditor', may: 'Reads everything that was done, and watches nothing.' },
  {
    value: 'site-admin',
    label: 'Site administrator',
    may: 'Watches and looks after the cameras given to them: adds, changes, deletes, ends views.',
  },
  { value: 'admin', label: 'Administrator', may: 'Everything: every camera, people and rules.' },
];

export function roleLabel(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}

/** Sees every camera by the role alone, whatever was given. */
export function seesEveryCamera(role: Role): boolean {
  return role === 'admin' || role === 'auditor';
}

interface Ability {
  readonly words: string;
  readonly roles: readonly Role[];
  readonly permissions: readonly Permission[];
}

const ALL = ROLES.map(({ value }) => value);

/** What there is to do, in words, and who may. Control has the table that counts; a test compares the two. */
export const ABILITIES: readonly Ability[] = [
  { words: 'See cameras and their state', roles: ALL, permissions: ['camera.read', 'site.read'] },
  {
    words: 'Watch them',
    roles: ['viewer', 'operator', 'site-admin', 'admin'],
    permissions: ['view.watch'],
  },
  {
    words: 'See who watches now, the rules and the limits',
    roles: ['operator', 'auditor', 'site-admin', 'admin'],
    permissions: ['session.read', 'policy.read', 'limit.read'],
  },
  {
    words: 'Add, change and delete cameras; end the views of others',
    roles: ['site-admin', 'admin'],
    permissions: ['camera.write', 'camera.discover', 'view.end-any'],
  },
  {
    words: 'Read and export the audit, and who watched how long',
    roles: ['auditor', 'admin'],
    permissions: ['audit.read', 'analytics.read'],
  },
  {
    words: 'Change sites, rules, limits and whom to alert',
    roles: ['admin'],
    permissions: ['site.manage', 'policy.manage', 'limit.manage', 'alert.manage'],
  },
  {
    words: 'Add and change people and API tokens',
    roles: ['admin'],
    permissions: ['user.manage', 'token.manage'],
  },
];
