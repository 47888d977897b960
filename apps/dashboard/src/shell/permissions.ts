/** What the page asks for before it offers something; the names are those that control lists in `me`. */
export type Permission =
  | 'camera.read'
  | 'camera.write'
  | 'camera.discover'
  | 'view.watch'
  | 'view.end-any'
  | 'event.read'
  | 'metrics.read'
  | 'stream.read'
  | 'session.read'
  | 'site.read'
  | 'site.manage'
  | 'policy.read'
  | 'policy.manage'
  | 'limit.read'
  | 'limit.manage'
  | 'alert.manage'
  | 'user.manage'
  | 'token.manage'
  | 'audit.read'
  | 'analytics.read'
  | 'node.read'
  | 'node.manage'
  | 'tenant.manage';

export interface Permitted {
  readonly permissions: readonly string[];
}

/** Control decides by itself; this only keeps people from dead ends. */
export function may(person: Permitted, permission: Permission): boolean {
  return person.permissions.includes(permission);
}
