import type { Role } from '@vedette/contracts';
import type { Permission } from '../../shell/permissions.ts';

/** What a token can be cut down to, in words; the names are control's. */
export const SCOPES: readonly {
  readonly name: Permission;
  readonly words: string;
  readonly roles: readonly Role[];
}[] = [
  {
    name: 'camera.read',
    words: 'List cameras and their state',
    roles: ['viewer', 'operator', 'auditor', 'site-admin', 'admin'],
  },
  { name: 'view.watch', words: 'Watch', roles: ['viewer', 'operator', 'site-admin', 'admin'] },
  {
    name: 'event.read',
    words: 'Hear of changes as they happen',
    roles: ['viewer', 'operator', 'auditor', 'site-admin', 'admin'],
  },
  {
    name: 'session.read',
    words: 'See who watches now',
    roles: ['operator', 'auditor', 'site-admin', 'admin'],
  },
  { name: 'view.end-any', words: 'End views', roles: ['site-admin', 'admin'] },
  { name: 'camera.write', words: 'Add, change and delete cameras', roles: ['site-admin', 'admin'] },
  { name: 'audit.read', words: 'Read and export the audit', roles: ['auditor', 'admin'] },
  { name: 'metrics.read', words: 'Read metrics', roles: ['admin'] },
];

export function scopesOf(role: Role) {
  return SCOPES.filter(({ roles }) => roles.includes(role));
}
