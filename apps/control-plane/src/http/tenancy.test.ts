// Every route that names an object, asked for an object of one tenant by every role of another, and by every role of
// the same tenant that no grant covers. A route that is missing in the table fails the test: say there how it is asked.
import { ALL_CAMERAS, type Grant, HOME_TENANT, Role, TenantId } from '@vedette/contracts';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize, type Permission } from '../access/permission.ts';
import { openTestApp, TEST_PASSWORD, type TestApp } from './test-app.ts';

type Headers = Record<string, string>;
interface Asked {
  readonly path: string;
  readonly body?: object;
}

const OTHER = TenantId.parse('other');
/** A word in the name of everything that belongs to the first tenant. */
const MARK = 'HOMEONLY';
const routes: { method: string; url: string; access: unknown }[] = [];
let t: TestApp;
/** Ids of things of the first tenant. */
const own: Record<string, string> = {};
const signedIn = new Map<string, Headers>();

/** How each route with a parameter is asked for a thing of the first tenant, with a body that would be taken. */
const OBJECTS: Record<string, () => Asked> = {
  'GET /cameras/:id': () => ({ path: `/cameras/${own['camera']}` }),
  'PATCH /cameras/:id': () => ({ path: `/cameras/${own['camera']}`, body: { name: 'taken' } }),
  'DELETE /cameras/:id': () => ({ path: `/cameras/${own['camera']}` }),
  'POST /cameras/:id/probe': () => ({ path: `/cameras/${own['camera']}/probe` }),
  'GET /cameras/:id/profiles': () => ({ path: `/cameras/${own['camera']}/profiles` }),
  'PUT /cameras/:id/profiles': () => ({
    path: `/cameras/${own['camera']}/profiles`,
    body: { main: null, sub: null },
  }),
  'GET /cameras/:id/history': () => ({ path: `/cameras/${own['camera']}/history` }),
  'GET /cameras/:id/snapshot': () => ({ path: `/cameras/${own['camera']}/snapshot` }),
  'POST /streams/:cameraId/start': () => ({ path: `/streams/${own['camera']}/start`, body: {} }),
  'GET /streams/:cameraId/endpoint': () => ({ path: `/streams/${own['camera']}/endpoint` }),
  'GET /discoveries/:id': () => ({ path: `/discoveries/${own['discovery']}` }),
  'DELETE /discoveries/:id': () => ({ path: `/discoveries/${own['discovery']}` }),
  'PATCH /sites/:id': () => ({ path: `/sites/${own['site']}`, body: { name: 'taken' } }),
  'DELETE /sites/:id': () => ({ path: `/sites/${own['site']}` }),
  'PATCH /groups/:id': () => ({ path: `/groups/${own['group']}`, body: { name: 'taken' } }),
  'DELETE /groups/:id': () => ({ path: `/groups/${own['group']}` }),
  'PATCH /recorders/:id': () => ({ path: `/recorders/${own['recorder']}`, body: { maxConnections: 9 } }),
  'DELETE /recorders/:id': () => ({ path: `/recorders/${own['recorder']}` }),
  'GET /users/:id': () => ({ path: `/users/${own['user']}` }),
  'PATCH /users/:id': () => ({ path: `/users/${own['user']}`, body: { role: 'viewer' } }),
  'DELETE /users/:id': () => ({ path: `/users/${own['user']}` }),
  'DELETE /tokens/:id': () => ({ path: `/tokens/${own['token']}` }),
  'PATCH /alert-targets/:id': () => ({ path: `/alert-targets/${own['target']}`, body: { name: 'taken' } }),
  'DELETE /alert-targets/:id': () => ({ path: `/alert-targets/${own['target']}` }),
  'POST /alert-targets/:id/test': () => ({ path: `/alert-targets/${own['target']}/test` }),
  'POST /alert-deliveries/:id/retry': () => ({ path: `/alert-deliveries/${own['target']}/retry` }),
  'DELETE /incidents/:id': () => ({ path: `/incidents/${own['incident']}` }),
  'GET /policy/versions/:version': () => ({ path: '/policy/versions/1' }),
  'POST /policy/versions/:version/restore': () => ({ path: '/policy/versions/1/restore' }),
  'PATCH /tenants/:id': () => ({ path: `/tenants/${HOME_TENANT}`, body: { name: 'taken' } }),
  'DELETE /tenants/:id': () => ({ path: `/tenants/${HOME_TENANT}` }),
  'GET /nodes/:id/rehearsal': () => ({ path: '/nodes/node-1/rehearsal' }),
  'PUT /nodes/:id/drain': () => ({ path: '/nodes/node-1/drain' }),
  'DELETE /nodes/:id/drain': () => ({ path: '/nodes/node-1/drain' }),
  'DELETE /me/sign-ins/:id': () => ({ path: `/me/sign-ins/${own['signIn']}` }),
};
/** Asked where views run: streams/viewing-routes.test.ts and sessions/access-review.test.ts. */
const ELSEWHERE = ['POST /streams/:cameraId/stop', 'POST /sessions/:id/renew', 'DELETE /sessions/:id'];
/** Routes that name no object, and answer with things of the one who asks. */
const LISTS = [
  '/cameras',
  '/cameras/export',
  '/sites',
  '/groups',
  '/recorders',
  '/users',
  '/tokens',
  '/streams',
  '/sessions',
  '/audit',
  '/audit/export',
  '/policy',
  '/policy/versions',
  '/limits',
  '/incidents',
  '/alert-targets',
  '/alert-deliveries',
  '/analytics/cameras',
  '/analytics/watch-time',
];
/** Routes that name no object, and say nothing of anybody's things; where they have something to say at all. */
const OF_NOBODY = {
  '/me': 'who asks',
  '/me/sign-ins': 'who asks',
  '/sign-in/options': 'how to sign in, for everybody',
  '/sign-in/oidc': 'leads to the identity provider',
  '/sign-in/oidc/callback': 'comes from the identity provider',
  '/discoveries/places': 'networks of this machine; streams/viewing-routes.test.ts asks the rest',
  '/audit/verify': 'whether the chains hold, over all tenants, without a record',
  '/policy/default': 'the rules that come with Vedette',
  '/events': 'events/live-events.ts, asked in streams/viewing-routes.test.ts',
  '/nodes': 'for the platform',
  '/keys': 'for the platform',
  '/tenants': 'for the platform',
};

beforeAll(async () => {
  t = await openTestApp({ onRoute: (route) => remember(route) });
  await call('POST', '/tenants', t.admin, { id: OTHER, name: 'Other' });
  const passwordHash = await t.access.hasher.hash(TEST_PASSWORD);
  const add = (name: string, role: Role, tenantId: TenantId, grants: readonly Grant[]) =>
    t.access.users.create({ name, role, tenantId, grants, passwordHash, disabled: false });
  for (const role of Role.options) {
    await add(`other-${role}`, role, OTHER, ALL_CAMERAS);
    await add(`blind-${role}`, role, HOME_TENANT, []);
    for (const kind of ['other', 'blind']) signedIn.set(`${kind}-${role}`, await signIn(`${kind}-${role}`));
  }
  const made = async (kind: string, path: string, body: object) => {
    const answer = await call('POST', path, t.admin, body);
    expect(answer.statusCode, `${path} ${answer.body}`).toBeLessThan(300);
    own[kind] = String(answer.json().id);
  };
  await made('site', '/sites', { name: `${MARK} site` });
  await made('group', '/groups', { name: `${MARK} group` });
  await made('recorder', '/recorders', { name: `${MARK} nvr`, host: 'nvr.homeonly', maxConnections: 4 });
  await made('camera', '/cameras', {
    name: `${MARK} gate`,
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/homeonly' },
    siteId: own['site'],
    groupIds: [own['group']],
  });
  await made('user', '/users', { name: `${MARK} user`, password: TEST_PASSWORD, role: 'operator' });
  await made('token', '/tokens', { name: `${MARK} token`, role: 'operator' });
  await made('incident', '/incidents', { name: `${MARK} fire`, cameraIds: [own['camera']] });
  await made('target', '/alert-targets', {
    name: `${MARK} hook`,
    destination: { kind: 'webhook', url: 'http://hooks.example/homeonly' },
    events: ['camera.offline'],
  });
  await made('discovery', '/discoveries', { interfaces: [], ranges: ['10.0.0.1'] });
  const rule = { id: 'r', name: MARK, when: { all: [] }, give: { tier: 4 }, reason: 'R.' };
  await call('PUT', '/policy', t.admin, { basedOn: 0, note: MARK, rules: [rule] });
  const groups = [{ name: MARK, pattern: '*', maxViews: 9 }];
  await call('PUT', '/limits', t.admin, { basedOn: 0, limits: { quotaGroups: groups } });
  const [first] = (await call('GET', '/me/sign-ins', await t.signedIn('operator'))).json().items;
  own['signIn'] = first.id;
}, 60_000);
afterAll(() => t[Symbol.asyncDispose]());

function remember(route: RouteOptions): void {
  if (!route.url.startsWith('/api/v1')) return;
  for (const method of [route.method].flat())
    if (method !== 'HEAD')
      routes.push({ method, url: route.url.slice('/api/v1'.length), access: route.config?.access });
}

function call(method: string, path: string, headers: Headers, body?: object) {
  return t.app.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
}

async function signIn(name: string): Promise<Headers> {
  const answer = await t.app.inject({
    method: 'POST',
    url: '/api/v1/sign-in',
    payload: { name, password: TEST_PASSWORD },
  });
  const [cookie] = answer.cookies;
  return { cookie: `${cookie?.name}=${cookie?.value}`, 'x-csrf-token': answer.json().csrfToken };
}

const headersOf = (name: string) => signedIn.get(name) ?? {};
/** Whether this role may use the route at all, of its own tenant. */
function may(role: Role, access: unknown, tenantId: TenantId): boolean {
  const somebody = { kind: 'user', id: 'x', name: 'x', role, tenantId, grants: [] };
  return authorize(somebody as unknown as Parameters<typeof authorize>[0], access as Permission).allowed;
}

describe('a thing of one tenant', () => {
  it('is asked for by every route that names one', () => {
    const named = routes.map(({ method, url }) => `${method} ${url}`).filter((name) => name.includes(':'));
    expect(named.filter((name) => !(name in OBJECTS) && !ELSEWHERE.includes(name))).toEqual([]);
    expect(Object.keys(OBJECTS).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('is not there for any role of another, by any route', async () => {
    for (const { access, method, url } of routes) {
      const asked = OBJECTS[`${method} ${url}`]?.();
      if (asked === undefined) continue;
      for (const role of Role.options) {
        const about = `${role}: ${method} ${url}`;
        const answer = await call(method, asked.path, headersOf(`other-${role}`), asked.body);
        expect(answer.statusCode, `${about} ${answer.body}`).toBe(may(role, access, OTHER) ? 404 : 403);
        expect(answer.body, about).not.toContain(MARK);
      }
    }
  });

  it('is looked for in every answer that names none', () => {
    const lists = routes.flatMap(({ method, url }) => (method === 'GET' && !url.includes(':') ? [url] : []));
    expect(lists.filter((url) => !LISTS.includes(url) && !(url in OF_NOBODY))).toEqual([]);
    for (const { access, method, url } of routes)
      if (method === 'GET' && OF_NOBODY[url as keyof typeof OF_NOBODY] === 'for the platform')
        for (const role of Role.options) expect(may(role, access, OTHER), `${role}: ${url}`).toBe(false);
  });

  it('is in no list that another is given', async () => {
    for (const url of LISTS) {
      for (const role of Role.options) {
        const path = url === '/analytics/watch-time' ? `${url}?by=camera` : url;
        const answer = await call('GET', path, headersOf(`other-${role}`));
        expect([200, 403], `${role}: ${url} ${answer.body}`).toContain(answer.statusCode);
        expect(answer.body, `${role}: ${url}`).not.toMatch(new RegExp(MARK, 'i'));
        // What somebody has asked for himself is in his own audit.
        if (!url.startsWith('/audit')) expect(answer.body, `${role}: ${url}`).not.toContain(own['camera']);
      }
    }
  });

  it('gives nothing where another names it in what he sends', async () => {
    const admin = headersOf('other-admin');
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/x' };
    const at = (where: object) => call('POST', '/cameras', admin, { name: 'mine', source, ...where });
    expect((await at({ siteId: own['site'] })).statusCode).toBe(400);
    expect((await at({ groupIds: [own['group']] })).statusCode).toBe(400);
    const mine = (await at({})).json();
    const moved = await call('PATCH', `/cameras/${mine.id}`, admin, { siteId: own['site'] });
    expect(moved.statusCode).toBe(400);
    const grants = [{ scope: { kind: 'camera', id: own['camera'] } }];
    const spy = { name: 'spy', password: TEST_PASSWORD, role: 'operator', grants };
    expect((await call('POST', '/users', admin, spy)).statusCode).toBe(201);
    const seen = await call('GET', `/cameras/${own['camera']}`, await signIn('spy'));
    expect(seen.statusCode).toBe(404);
    const elsewhere = { ...spy, name: 'planted', tenantId: HOME_TENANT };
    expect((await call('POST', '/users', admin, elsewhere)).statusCode).toBe(403);
    const tried = await call('POST', '/policy/try', admin, { cameraId: own['camera'] });
    expect(tried.statusCode).toBe(404);
    const person = await call('POST', '/policy/try', admin, { cameraId: mine.id, userId: own['user'] });
    expect(person.statusCode).toBe(404);
    const incident = { name: 'mine', cameraIds: [mine.id, own['camera']] };
    expect((await call('POST', '/incidents', admin, incident)).statusCode).toBe(400);
    const alarm = await call('POST', '/alarms', admin, { cameraIds: [own['camera']] });
    const nobodys = await call('POST', '/alarms', admin, { cameraIds: ['nosuchcamera'] });
    expect(alarm.statusCode).toBe(nobodys.statusCode);
    expect(
      alarm.body.replaceAll(own['camera'] ?? '', 'nosuchcamera').replace(/"requestId":"[^"]*"/, ''),
    ).toBe(nobodys.body.replace(/"requestId":"[^"]*"/, ''));
    const imported = await call('POST', '/cameras/import', admin, {
      format: 'json',
      dryRun: false,
      text: JSON.stringify([{ name: 'again', source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/homeonly' } }]),
    });
    expect(imported.json().rows[0]).toMatchObject({ action: 'create' });
    expect((await call('GET', `/cameras/${own['camera']}`, t.admin)).json().name).toBe(`${MARK} gate`);
  });
});

describe('a camera that no grant covers', () => {
  it('is not there for whoever needs a grant, by any route', async () => {
    const cameras = routes.filter(({ method, url }) => /camera/i.test(url) && `${method} ${url}` in OBJECTS);
    expect(cameras.length).toBeGreaterThan(5);
    for (const { access, method, url } of cameras) {
      const asked = OBJECTS[`${method} ${url}`]?.();
      for (const role of ['viewer', 'operator', 'site-admin'] as const) {
        const about = `${role}: ${method} ${url}`;
        const answer = await call(method, asked?.path ?? '', headersOf(`blind-${role}`), asked?.body);
        expect(answer.statusCode, about).toBe(may(role, access, HOME_TENANT) ? 404 : 403);
        expect(answer.body, about).not.toContain(MARK);
      }
    }
    for (const url of ['/cameras', '/streams', '/sessions'])
      for (const role of ['viewer', 'operator', 'site-admin'] as const)
        expect((await call('GET', url, headersOf(`blind-${role}`))).body).not.toContain(own['camera']);
  });

  it('is there for who sees all by role', async () => {
    for (const role of ['admin', 'auditor'] as const)
      expect((await call('GET', `/cameras/${own['camera']}`, headersOf(`blind-${role}`))).statusCode).toBe(
        200,
      );
  });
});

describe('a site administrator', () => {
  it('adds and changes cameras of his sites, and moves none out of them or in from elsewhere', async () => {
    const passwordHash = await t.access.hasher.hash(TEST_PASSWORD);
    const mine = (await call('POST', '/sites', t.admin, { name: 'mine' })).json().id;
    const grants: Grant[] = [{ scope: { kind: 'site', id: mine } }];
    await t.access.users.create({
      name: 'keeper',
      role: 'site-admin',
      tenantId: HOME_TENANT,
      grants,
      passwordHash,
      disabled: false,
    });
    const keeper = await signIn('keeper');
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.3/x' };
    const add = (siteId: string | null) => call('POST', '/cameras', keeper, { name: 'k', source, siteId });
    expect((await add(null)).statusCode).toBe(400);
    expect((await add(own['site'] ?? '')).statusCode).toBe(400);
    const added = await add(mine);
    expect(added.statusCode).toBe(201);
    const change = (id: string, body: object) => call('PATCH', `/cameras/${id}`, keeper, body);
    expect((await change(added.json().id, { name: 'k2' })).statusCode).toBe(200);
    expect((await change(added.json().id, { siteId: own['site'] })).statusCode).toBe(400);
    expect((await change(added.json().id, { siteId: null })).statusCode).toBe(400);
    expect((await change(own['camera'] ?? '', { siteId: mine })).statusCode).toBe(404);
    const stolen = await call('POST', '/cameras/import', keeper, {
      format: 'json',
      dryRun: false,
      text: JSON.stringify([
        { name: 'x', siteId: mine, source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/homeonly' } },
      ]),
    });
    expect(stolen.json().rows[0].action).toBe('error');
    const { items } = (await call('GET', '/cameras', keeper)).json();
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['k2']);
  });
});

describe('a token', () => {
  it('that is cut down does no more than it says', async () => {
    const { secret } = (
      await call('POST', '/tokens', t.admin, { name: 'reader', role: 'admin', scopes: ['camera.read'] })
    ).json();
    const headers = { authorization: `Bearer ${secret}` };
    expect((await call('GET', '/cameras', headers)).statusCode).toBe(200);
    expect((await call('GET', '/users', headers)).statusCode).toBe(403);
    expect((await call('DELETE', `/cameras/${own['camera']}`, headers)).statusCode).toBe(403);
  });

  it('hands out no more than it has itself', async () => {
    const { secret } = (
      await call('POST', '/tokens', t.admin, {
        name: 'maker',
        role: 'admin',
        scopes: ['token.manage', 'user.manage', 'camera.read'],
      })
    ).json();
    const headers = { authorization: `Bearer ${secret}` };
    const token = (body: object) =>
      call('POST', '/tokens', headers, { name: 'made', role: 'viewer', ...body });
    expect((await token({ scopes: ['camera.read'] })).statusCode).toBe(201);
    expect((await token({ scopes: ['camera.write'], role: 'admin' })).statusCode).toBe(403);
    expect((await token({})).statusCode).toBe(403);
    const user = { name: 'puppet', password: TEST_PASSWORD, role: 'admin' };
    expect((await call('POST', '/users', headers, user)).statusCode).toBe(403);
    const raised = await call('PATCH', `/users/${own['user']}`, headers, { role: 'admin' });
    expect(raised.statusCode).toBe(403);
    const password = await call('PATCH', `/users/${own['user']}`, headers, { password: TEST_PASSWORD });
    expect(password.statusCode).toBe(403);
  });

  it('that ends makes none that lasts longer, and no account', async () => {
    const { secret } = (
      await call('POST', '/tokens', t.admin, { name: 'short', role: 'admin', expiresInDays: 2 })
    ).json();
    const headers = { authorization: `Bearer ${secret}` };
    const token = (expiresInDays?: number) =>
      call('POST', '/tokens', headers, { name: 'child', role: 'viewer', expiresInDays });
    expect((await token(1)).statusCode).toBe(201);
    expect((await token(3)).statusCode).toBe(403);
    expect((await token()).statusCode).toBe(403);
    const user = { name: 'lasting', password: TEST_PASSWORD, role: 'viewer' };
    expect((await call('POST', '/users', headers, user)).statusCode).toBe(403);
    const password = await call('PATCH', `/users/${own['user']}`, headers, { password: TEST_PASSWORD });
    expect(password.statusCode).toBe(403);
  });
});
