import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idempotencyKeys } from '../database/schema.ts';
import { openTestApp, type TestApp } from './test-app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
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
  [
    'an alert target',
    '/alert-targets',
    { name: 'x', destination: { kind: 'webhook', url: 'http://hooks.example/' }, events: ['node.lost'] },
  ],
];

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

  it('is one that a header may hold', async () => {
    expect((await post('/sites', { name: 'x' }, 'a b')).statusCode).toBe(400);
    expect((await post('/sites', { name: 'x' }, 'x'.repeat(201))).statusCode).toBe(400);
  });
});
