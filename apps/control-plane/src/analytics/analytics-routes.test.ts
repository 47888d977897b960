import { HOME_TENANT, type Role, TenantId, WatchTime } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../http/test-app.ts';
import { WatchStore } from './watch-store.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
  const now = Date.now();
  const view = (sessionId: string, tenantId: string, seconds: number, ageMs = 60_000) => ({
    sessionId,
    tenantId,
    userId: 'u1',
    cameraId: 'c1',
    startedAt: new Date(now - ageMs - seconds * 1000),
    endedAt: new Date(now - ageMs),
    protocol: 'webrtc',
    profile: 'main',
    seconds,
    bytesSent: 5_000_000_000,
  });
  await new WatchStore({ database: t.database }).add([
    view('s1', HOME_TENANT, 100),
    view('s2', HOME_TENANT, 20),
    view('s3', TenantId.parse('other'), 1000),
    view('s4', HOME_TENANT, 7, 30 * 86_400_000),
  ]);
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const ask = async (url: string, role: Role = 'auditor') =>
  t.app.inject({ url: `/api/v1/analytics${url}`, headers: await t.signedIn(role) });

describe('analytics', () => {
  it('are of the last seven days and of the own tenant, unless asked otherwise', async () => {
    const answer = WatchTime.parse((await ask('/watch-time?by=camera')).json());
    expect(answer.items).toEqual([{ key: 'c1', name: null, seconds: 120, views: 2, bytes: 10_000_000_000 }]);
    expect(answer.total).toEqual({ seconds: 120, views: 2, bytes: 10_000_000_000 });
    expect(Date.parse(answer.to) - Date.parse(answer.from)).toBe(7 * 86_400_000);
    const from = new Date(Date.now() - 40 * 86_400_000).toISOString();
    expect((await ask(`/watch-time?by=protocol&from=${from}`)).json()).toMatchObject({
      items: [{ key: 'webrtc', seconds: 127 }],
    });
    expect((await ask('/watch-time?by=hour&timeZone=Europe/Berlin')).json().items).toHaveLength(24);
  });

  it('refuse a range that ends before it begins or is too long, a time zone that is none, a foreign cursor', async () => {
    for (const query of [
      'watch-time?by=camera&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
      'watch-time?by=camera&from=2020-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
      'watch-time?by=hour&timeZone=Mars/Olympus',
      'watch-time?by=hour&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z',
      'watch-time',
      'cameras?sort=most&cursor=WyJ4IiwieSJd',
    ])
      expect((await ask(`/${query}`)).statusCode, query).toBe(400);
  });

  it('list cameras that nobody watched, page by page', async () => {
    for (const name of ['Gate', 'Yard', 'Roof'])
      await t.app.inject({
        method: 'POST',
        url: '/api/v1/cameras',
        headers: t.admin,
        payload: { name, source: { kind: 'rtsp', url: 'rtsp://10.0.0.9/x' } },
      });
    const first = (await ask('/cameras?sort=never&limit=2')).json();
    const rest = (await ask(`/cameras?sort=never&limit=2&cursor=${first.nextCursor}`)).json();
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['Gate', 'Roof', 'Yard']);
    expect(rest.nextCursor).toBeNull();
    expect((await ask('/cameras?sort=most')).json()).toEqual({ items: [], nextCursor: null });
  });

  it('are for auditors and administrators', async () => {
    expect((await ask('/watch-time?by=user', 'admin')).statusCode).toBe(200);
    for (const role of ['viewer', 'operator', 'site-admin'] as const)
      expect((await ask('/watch-time?by=user', role)).statusCode).toBe(403);
  });
});
