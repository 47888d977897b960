import type { AuditEntry } from '@vedette/contracts';
import { newId } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, TEST_PASSWORD, type TestApp } from '../http/test-app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  t.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: t.admin,
    ...(payload === undefined ? {} : { payload }),
  });
const found = async (query: string) =>
  (await ask('GET', `/audit?${query}`)).json<{ items: AuditEntry[] }>().items;

describe('the audit', () => {
  it('holds who signed in, from where, and who was refused, but no password', async () => {
    await t.signedIn('operator');
    const wrong = { name: 'operator', password: 'not the password' };
    await t.app.inject({ method: 'POST', url: '/api/v1/sign-in', payload: wrong });
    expect(await found('kind=signed-in&limit=1')).toMatchObject([
      { actor: { kind: 'user', name: 'operator' }, clientAddress: '127.0.0.1' },
    ]);
    expect(await found('kind=sign-in-refused')).toMatchObject([
      { actor: null, data: { name: 'operator', reason: 'unauthenticated' } },
    ]);
    const all = (await ask('GET', '/audit/export')).body;
    expect(all).not.toContain('not the password');
    expect(all).not.toContain(TEST_PASSWORD);
  });

  it('holds a changed user as it was before and is now', async () => {
    const made = await ask('POST', '/users', { name: 'Carla', role: 'viewer', password: 'a long password' });
    const { id } = made.json();
    await ask('PATCH', `/users/${id}`, { role: 'operator', password: 'another password' });
    await ask('DELETE', `/users/${id}`);
    expect(await found('kind=user-changed')).toMatchObject([
      { data: { before: { role: 'viewer' }, after: { role: 'operator' }, password: 'changed' } },
    ]);
    expect(await found('kind=user-deleted')).toMatchObject([{ data: { before: { name: 'Carla' } } }]);
    expect((await ask('GET', '/audit/export')).body).not.toContain('another password');
  });

  it('holds what was looked for and tried on the network, and what came and went in bulk', async () => {
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.9/x', username: 'u', password: 'not to be told' };
    await ask('POST', '/cameras/probe', source);
    expect(await found('kind=camera-probed')).toMatchObject([
      { data: { source: 'rtsp', host: '10.0.0.9', ok: false, reason: 'camera_refused' } },
    ]);
    await ask('POST', '/discoveries', { interfaces: [], ranges: ['10.0.0.200'] });
    expect(await found('kind=discovery-begun')).toMatchObject([{ data: { ranges: ['10.0.0.200'] } }]);
    const text = 'name,kind,url\nGate,rtsp,rtsp://10.0.0.9/y\nNo address,rtsp,\n';
    await ask('POST', '/cameras/import', { format: 'csv', text });
    expect(await found('kind=cameras-imported')).toEqual([]);
    await ask('POST', '/cameras/import', { format: 'csv', text, dryRun: false });
    expect(await found('kind=cameras-imported')).toMatchObject([
      { data: { format: 'csv', create: 1, update: 0, error: 1 } },
    ]);
    await ask('GET', '/cameras/export?format=yaml');
    expect(await found('kind=cameras-exported')).toMatchObject([{ data: { format: 'yaml', cameras: 1 } }]);
    expect((await ask('GET', '/audit/export')).body).not.toContain('not to be told');
  });

  it('is paged newest first, each entry once', async () => {
    const first = (await ask('GET', '/audit?limit=2')).json();
    const rest = (await ask('GET', `/audit?limit=500&cursor=${first.nextCursor}`)).json();
    const places = [...first.items, ...rest.items].map(({ seq }: AuditEntry) => seq);
    expect(first.items).toHaveLength(2);
    expect(places).toEqual([...new Set(places)].sort((a, b) => b - a));
  });

  it('is searched by the view that an entry is about', async () => {
    expect(await found(`session=${newId()}`)).toEqual([]);
    expect((await ask('GET', '/audit?session=')).statusCode).toBe(400);
  });

  it('is exported with its hashes, or for a spreadsheet', async () => {
    const lines = (await ask('GET', '/audit/export?format=jsonl')).body.trim().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const csv = await ask('GET', '/audit/export?format=csv&kind=audit-exported');
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.body.split('\r\n')[0]).toMatch(/^at,kind,actor,/);
    expect(csv.body).toContain('audit-exported');
  });

  it('says that nothing was altered', async () => {
    expect((await ask('GET', '/audit/verify')).json()).toMatchObject({ chains: 1, faults: [] });
  });
});
