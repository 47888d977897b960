import { may, type Permission, type Permitted } from './permissions.ts';

export interface Destination {
  readonly to:
    | '/'
    | '/cameras'
    | '/sites'
    | '/nodes'
    | '/sessions'
    | '/users'
    | '/watch-time'
    | '/policy'
    | '/limits'
    | '/alerts'
    | '/tenants'
    | '/audit';
  readonly label: string;
  /** Second key after `g`. */
  readonly key: string;
  readonly needs: Permission;
}

/** In the order of the bar. */
export const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: 'Wall', key: 'w', needs: 'view.watch' },
  { to: '/cameras', label: 'Cameras', key: 'c', needs: 'camera.read' },
  { to: '/sites', label: 'Sites', key: 'i', needs: 'site.manage' },
  { to: '/nodes', label: 'Nodes', key: 'n', needs: 'node.read' },
  { to: '/sessions', label: 'Sessions', key: 's', needs: 'session.read' },
  { to: '/users', label: 'People', key: 'u', needs: 'user.manage' },
  { to: '/policy', label: 'Policy', key: 'p', needs: 'policy.read' },
  { to: '/limits', label: 'Limits', key: 'l', needs: 'limit.read' },
  { to: '/alerts', label: 'Alerts', key: 'e', needs: 'alert.manage' },
  { to: '/tenants', label: 'Tenants', key: 't', needs: 'tenant.manage' },
  { to: '/watch-time', label: 'Watch time', key: 'h', needs: 'analytics.read' },
  { to: '/audit', label: 'Audit', key: 'a', needs: 'audit.read' },
];

/** The pages that somebody has any use for. */
export function destinationsFor(person: Permitted): readonly Destination[] {
  return DESTINATIONS.filter(({ needs }) => may(person, needs));
}
