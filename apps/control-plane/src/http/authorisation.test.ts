import type { Role } from '@vedette/contracts';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, PERMISSIONS, type Permission } from '../access/permission.ts';
import { openTestApp, type TestApp } from './test-app.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;
/** Written down a second time on purpose: a change of who may do what must be made twice. */
const EXPECTED: Readonly<Record<Permission, readonly Role[]>> = {
  self: ['viewer', 'operator', 'admin'],
  'camera.read': ['viewer', 'operator', 'admin'],
  'camera.write': ['admin'],
  'camera.probe': ['admin'],
  'view.watch': ['viewer', 'operator', 'admin'],
  'view.end-any': ['admin'],
  'event.read': ['viewer', 'operator', 'admin'],
  'stream.read': ['operator', 'admin'],
  'session.read': ['operator', 'admin'],
  'node.read': ['operator', 'admin'],
  'metrics.read': ['admin'],
  'user.manage': ['admin'],
  'token.manage': ['admin'],
  'audit.read': ['admin'],
  'camera.discover': ['admin'],
};
/** Everything that answers somebody whom nobody knows. */
const OPEN = [
  'GET /.well-known/jwks.json',
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
        const principal = { kind: 'user', id: 'x', name: 'x', role } as unknown as Parameters<
          typeof authorize
        >[0];
        expect(authorize(principal, permission).allowed, `${role} ${permission}`).toBe(
          EXPECTED[permission].includes(role),
        );
      }
      expect(authorize(undefined, permission)).toMatchObject({ allowed: false, code: 'unauthenticated' });
    }
    const admin = { kind: 'user', id: 'x', name: 'x', role: 'admin' } as unknown as Parameters<
      typeof authorize
    >[0];
    for (const unknown of ['', 'camera', 'toString', '__proto__', 'constructor'])
      expect(authorize(admin, unknown as Permission).allowed).toBe(false);
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
        const allowed = EXPECTED[route.access as Permission].includes(role);
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
