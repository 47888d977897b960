import { ALL_CAMERAS, HOME_TENANT, Role, TenantId, UserId } from '@vedette/contracts';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, PERMISSIONS, type Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import { openTestApp, type TestApp } from './test-app.ts';

const ROLES = Role.options;
/** Written down a second time on purpose: a change of who may do what must be made twice. */
const EXPECTED: Readonly<Record<Permission, string>> = {
  self: 'viewer operator site-admin admin auditor',
  'camera.read': 'viewer operator site-admin admin auditor',
  'camera.write': 'site-admin admin',
  'camera.probe': 'site-admin admin',
  'camera.discover': 'site-admin admin',
  'view.watch': 'viewer operator site-admin admin',
  'view.end-any': 'site-admin admin',
  'event.read': 'viewer operator site-admin admin auditor',
  'stream.read': 'operator site-admin admin',
  'session.read': 'operator site-admin admin auditor',
  'site.read': 'viewer operator site-admin admin auditor',
  'site.manage': 'admin',
  'policy.read': 'operator site-admin admin auditor',
  'policy.manage': 'admin',
  'limit.read': 'operator site-admin admin auditor',
  'limit.manage': 'admin',
  'alert.manage': 'admin',
  'incident.manage': 'site-admin admin',
  'alarm.raise': 'operator site-admin admin',
  'user.manage': 'admin',
  'token.manage': 'admin',
  'audit.read': 'admin auditor',
  'analytics.read': 'admin auditor',
  'node.read': 'operator site-admin admin',
  'node.manage': 'admin',
  'metrics.read': 'admin',
  'key.manage': 'admin',
  'tenant.manage': 'admin',
};
const may = (role: Role, permission: Permission) => EXPECTED[permission].split(' ').includes(role);
/** For people of the first tenant alone. */
const PLATFORM: readonly Permission[] = [
  'node.read',
  'node.manage',
  'metrics.read',
  'key.manage',
  'tenant.manage',
];
/** Everything that answers somebody whom nobody knows. */
const OPEN = [
  'GET /.well-known/jwks.json',
  'GET /api/v1/sign-in/options',
  'GET /healthz',
  'GET /internal/node',
  'GET /metrics',
  'GET /readyz',
  'POST /api/v1/sign-in',
  'POST /internal/admit',
];
/** Not asked by those who may: the first ends the sign-ins that the others need, the second never ends. */
const ONLY_REFUSALS = ['POST /api/v1/sign-out', 'GET /api/v1/events'];

type Seen = { method: string; url: string; access: unknown };
const seen: Seen[] = [];
let t: TestApp;
const cookies: Partial<Record<Role, Record<string, string>>> = {};

beforeAll(async () => {
  t = await openTestApp({ onRoute: (route) => remember(route) });
  for (const role of ROLES) cookies[role] = await t.signedIn(role);
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

function remember(route: RouteOptions): void {
  for (const method of [route.method].flat())
    if (method !== 'HEAD') seen.push({ method, url: route.url, access: route.config?.access });
}

/** Without a sessionId only administrators may stop. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /api/v1/streams/:cameraId/stop': { sessionId: 'nosuchview' },
};

const OTHER = TenantId.parse('other');

function somebody(role: Role, change: Partial<Principal> = {}): Principal {
  const id = UserId.parse('x');
  return { kind: 'user', id, name: 'x', role, tenantId: HOME_TENANT, grants: ALL_CAMERAS, ...change };
}

async function ask(app: FastifyInstance, { method, url }: Seen, headers: Record<string, string>) {
  const body = BODIES[`${method} ${url}`];
  const answer = await app.inject({
    method: method as 'GET',
    url: url.replaceAll(/:\w+/g, 'nosuchthing'),
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  return answer.statusCode;
}

describe('who may do what', () => {
  it('is decided by the table, and what is not in it nobody may do', () => {
    for (const permission of PERMISSIONS) {
      for (const role of ROLES) {
        const about = `${role} ${permission}`;
        expect(authorize(somebody(role), permission).allowed, about).toBe(may(role, permission));
        expect(authorize(somebody(role, { tenantId: OTHER }), permission).allowed, about).toBe(
          may(role, permission) && !PLATFORM.includes(permission),
        );
        expect(authorize(somebody(role, { scopes: [] }), permission).allowed, about).toBe(false);
        expect(authorize(somebody(role, { scopes: [permission] }), permission).allowed, about).toBe(
          may(role, permission),
        );
      }
      expect(authorize(undefined, permission)).toMatchObject({ allowed: false, code: 'unauthenticated' });
    }
    for (const unknown of ['', 'camera', 'toString', '__proto__', 'constructor'])
      expect(authorize(somebody('admin'), unknown as Permission).allowed).toBe(false);
  });

  it('holds on every route for every role, for nobody and for a foreign token', async () => {
    const guarded = seen.filter(({ access }) => access !== 'public' && access !== 'own-check');
    expect(guarded.length).toBeGreaterThan(15);
    for (const route of guarded) {
      const name = `${route.method} ${route.url}`;
      expect(await ask(t.app, route, {}), name).toBe(401);
      expect(await ask(t.app, route, { authorization: 'Bearer vdt_foreign' }), name).toBe(401);
      expect(await ask(t.app, route, { cookie: 'vedette-test=foreign' }), name).toBe(401);
      for (const role of ROLES) {
        const allowed = may(role, route.access as Permission);
        if (allowed && ONLY_REFUSALS.includes(name)) continue;
        const status = await ask(t.app, route, cookies[role] ?? {});
        if (allowed) expect([401, 403], `${role}: ${name}`).not.toContain(status);
        else expect(status, `${role}: ${name}`).toBe(403);
      }
    }
  });

  it('leaves open only what must be', () => {
    const open = seen.filter(({ access }) => access === 'public' || access === 'own-check');
    expect([...new Set(open.map(({ method, url }) => `${method} ${url}`))].sort()).toEqual(OPEN);
  });

  it('must be said by every route, or the server does not start', async () => {
    const forgetful = openTestApp({
      database: t.database,
      api: [
        async (app) => {
          app.get('/forgotten', async () => 'open to all');
        },
      ],
    });
    await expect(forgetful).rejects.toThrow('GET /api/v1/forgotten does not say who may use it');
  });

  it('keeps the metrics from strangers', async () => {
    const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
      t.app.inject({ url: '/metrics', remoteAddress, headers }).then((answer) => answer.statusCode);
    expect(await from('127.0.0.1')).toBe(200);
    expect(await from('10.0.0.9')).toBe(401);
    // a proxy on this machine speaks for somebody else
    expect(await from('127.0.0.1', { 'x-forwarded-for': '10.0.0.9' })).toBe(401);
    expect(await from('10.0.0.9', t.admin)).toBe(200);
  });
});
