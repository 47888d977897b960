import type { Role } from '@vedette/contracts';
import { may } from './permissions.ts';

export interface Destination {
  readonly to: '/' | '/cameras' | '/nodes' | '/sessions' | '/users' | '/audit';
  readonly label: string;
  /** Second key after `g`. */
  readonly key: string;
}

/** The pages in the order of the bar, as far as this role has any use for them. */
export function destinationsFor(role: Role): readonly Destination[] {
  return [
    { to: '/', label: 'Wall', key: 'w' },
    { to: '/cameras', label: 'Cameras', key: 'c' },
    ...(may(role, 'nodes.see') ? [{ to: '/nodes', label: 'Nodes', key: 'n' } as const] : []),
    ...(may(role, 'sessions.see') ? [{ to: '/sessions', label: 'Sessions', key: 's' } as const] : []),
    ...(may(role, 'users.manage') ? [{ to: '/users', label: 'Users', key: 'u' } as const] : []),
    ...(may(role, 'audit.see') ? [{ to: '/audit', label: 'Audit', key: 'a' } as const] : []),
  ];
}
