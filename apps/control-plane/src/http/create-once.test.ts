import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idempotencyKeys } from '../database/schema.ts';
import { openTestApp, type TestApp } from './test-app.ts';

let t: TestApp;
/** Of the incident; known once the camera is there. */
const cameraIds: string[] = [];
beforeAll(async () => {
  t = await openTestApp();
  const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' };
  cameraIds.push((await post('/cameras', { name: 'Gate', source }, 'c')).json().id);
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const post = (url: string, payload: object, key: string) =>
  t.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: { ...t.admin, 'idempotency-key': key },
    payload,
  });
/** Everything that can be made, with what makes it; cameras have a test of their own. */
const MAKES: readonly (readonly [string, string, object])[] = [
  ['a site', '/sites', { name: 'North' }],
  ['a group', '/groups', { name: 'Gates' }],
  ['a recorder', '/recorders', { name: 'NVR', host: 'nvr.example', maxConnections: 4 }],
  ['a tenant', '/tenants', { name: 'Other' }],
  ['a user', '/users', { name: 'anna', password: 'correct horse battery', role: 'viewer' }],
  ['an incident', '/incidents', { name: 'Fire', minutes: 5, cameraIds }],
  [
    'an alert target',
    '/alert-targets',
    { name: 'x', destination: { kind: 'webhook', url: 'http://hooks.example/' }, events: ['node.lost'] },
  ],
];

/** A token, below; a camera, registry/cameras.test.ts; a view, streams/viewing-routes.test.ts. */
const MADE_ELSEWHERE = ['/tokens', '/cameras', '/streams/{cameraId}/start'];
interface Described {
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

describe('a request that is repeated under one Idempotency-Key', () => {
  it.each(MAKES)('makes %s once, also when it comes twice at once', async (_, url, payload) => {
    const answers = await Promise.all([post(url, payload, 'k'), post(url, payload, 'k')]);
    const made = answers.filter(({ statusCode }) => statusCode === 201);
    // The second may find the first still at it.
    for (const answer of answers) expect([201, 409], answer.body).toContain(answer.statusCode);
    expect(made.length).toBeGreaterThanOrEqual(1);
    const again = await post(url, payload, 'k');
    expect(again.statusCode).toBe(201);
    expect(again.json().id).toBe(made[0]?.json().id);
    expect((await post(url, { ...payload, name: 'another' }, 'k')).json().code).toBe('conflict');
    await t.database.run((orm) => orm.delete(idempotencyKeys));
  });

  it('does not tell the secret of a token a second time', async () => {
    const token = { name: 'robot', role: 'viewer' };
    const first = await post('/tokens', token, 't');
    expect(first.json().secret).toMatch(/^vdt_/);
    const again = await post('/tokens', token, 't');
    expect(again.statusCode).toBe(409);
    expect(again.body).not.toContain('vdt_');
  });

  it('may be used again where nothing was made', async () => {
    await post('/sites', { name: 'Taken' }, 'a');
    expect((await post('/sites', { name: 'Taken' }, 'b')).statusCode).toBe(409);
    expect((await post('/sites', { name: 'Free' }, 'b')).statusCode).toBe(201);
  });

  it('can be sent to every route that makes something, which says so', async () => {
    const { paths } = (await t.app.inject('/api/openapi.json')).json();
    for (const [path, { post: operation }] of Object.entries<Record<string, Described>>(paths)) {
      if (operation?.responses['201'] === undefined) continue;
      const names = (operation.parameters ?? []).map(({ name }) => name);
      expect(names, `${path}: add IdempotencyHeaders to its schema`).toContain('idempotency-key');
      const tried = [...MAKES.map(([, url]) => url), ...MADE_ELSEWHERE];
      expect(tried, `${path}: add it to MAKES`).toContain(path.slice('/api/v1'.length));
    }
  });

  it('leaves no trace of a password', async () => {
    const user = { name: 'berta', password: 'correct horse battery', role: 'viewer' };
    await post('/users', user, 'p');
    const [claim] = await t.database.run((orm) =>
      orm.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, 'p')),
    );
    const hash = createHash('sha256').update(JSON.stringify(user)).digest('hex');
    expect(claim?.requestHash).not.toBe(hash);
  });

  it('is one that a header may hold', async () => {
    expect((await post('/sites', { name: 'x' }, 'a b')).statusCode).toBe(400);
    expect((await post('/sites', { name: 'x' }, 'x'.repeat(256))).statusCode).toBe(400);
  });
});
