import { PERMISSIONS, type Permission } from '../access/permission.ts';

/**
 * Who may use a route: `public` for everyone, `own-check` where the handler checks its caller by other
 * means (a media node's token), otherwise whoever has the permission.
 */
export type RouteAccess = 'public' | 'own-check' | Permission;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without it refuses to register. */
    access?: RouteAccess;
    /** Media types of an answer 200 that is no JSON. */
    produces?: readonly string[];
  }
}

export function isRouteAccess(value: unknown): value is RouteAccess {
  return (
    value === 'public' || value === 'own-check' || PERMISSIONS.some((permission) => permission === value)
  );
}
