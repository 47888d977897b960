// Addresses and the pages behind them; each page is loaded when it is first wanted.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { AuditFilter } from './api/audit-query.ts';
import type { CameraFilter } from './api/vedette-api.ts';
import { AUDIT_KINDS } from './features/audit/audit-words.ts';
import { ErrorPage } from './shell/error-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { Root } from './shell/shell.tsx';

export const loadWall = () => import('./features/wall/wall-page.tsx');

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** Without what was not given. */
const given = <T extends Record<string, string | undefined>>(search: T): Partial<T> =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Partial<T>;

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const wall = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { layout?: number; cameras?: string } => ({
    ...(typeof search['layout'] === 'number' ? { layout: search['layout'] } : {}),
    ...(text(search['cameras']) === undefined ? {} : { cameras: text(search['cameras']) }),
  }),
  component: lazyRouteComponent(loadWall),
});
const cameras = createRoute({
  getParentRoute: () => root,
  path: '/cameras',
  validateSearch: (search: Record<string, unknown>): CameraFilter & { q?: string; camera?: string } =>
    given({
      q: text(search['q']),
      camera: text(search['camera']),
      site: text(search['site']),
      group: text(search['group']),
      tag: text(search['tag']),
    }),
  component: lazyRouteComponent(() => import('./features/cameras/cameras-page.tsx')),
});
const findCameras = createRoute({
  getParentRoute: () => root,
  path: '/cameras/find',
  validateSearch: (search: Record<string, unknown>): { camera?: string } =>
    given({ camera: text(search['camera']) }),
  component: lazyRouteComponent(() => import('./features/discovery/find-cameras-page.tsx')),
});
const importCameras = createRoute({
  getParentRoute: () => root,
  path: '/cameras/import',
  component: lazyRouteComponent(() => import('./features/import/import-page.tsx')),
});
const nodes = createRoute({
  getParentRoute: () => root,
  path: '/nodes',
  component: lazyRouteComponent(() => import('./features/nodes/nodes-page.tsx')),
});
const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./features/sessions/sessions-page.tsx')),
});
const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  component: lazyRouteComponent(() => import('./features/users/users-page.tsx')),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./features/tokens/tokens-page.tsx')),
});
const sites = createRoute({
  getParentRoute: () => root,
  path: '/sites',
  component: lazyRouteComponent(() => import('./features/sites/sites-page.tsx')),
});
const tenants = createRoute({
  getParentRoute: () => root,
  path: '/tenants',
  component: lazyRouteComponent(() => import('./features/tenants/tenants-page.tsx')),
});
const watchTime = createRoute({
  getParentRoute: () => root,
  path: '/watch-time',
  component: lazyRouteComponent(() => import('./features/watch-time/watch-time-page.tsx')),
});
const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./features/alerts/alerts-page.tsx')),
});
const policy = createRoute({
  getParentRoute: () => root,
  path: '/policy',
  component: lazyRouteComponent(() => import('./features/policy/policy-page.tsx')),
});
const limits = createRoute({
  getParentRoute: () => root,
  path: '/limits',
  component: lazyRouteComponent(() => import('./features/limits/limits-page.tsx')),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditFilter => {
    const kind = AUDIT_KINDS.find(({ value }) => value === search['kind'])?.value;
    const rest = {
      from: text(search['from']),
      to: text(search['to']),
      camera: text(search['camera']),
      actor: text(search['actor']),
    };
    return { ...(kind === undefined ? {} : { kind }), ...given(rest) };
  },
  component: lazyRouteComponent(() => import('./features/audit/audit-page.tsx')),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./features/sign-in/signed-in-already.tsx')),
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([
      wall,
      cameras,
      findCameras,
      importCameras,
      nodes,
      sessions,
      users,
      tokens,
      sites,
      watchTime,
      policy,
      limits,
      alerts,
      tenants,
      audit,
      signIn,
    ]),
    defaultPreload: 'intent',
    defaultErrorComponent: ErrorPage,
    defaultPendingMs: 300,
    scrollRestoration: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
