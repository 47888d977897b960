import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { openTestApp, type TestApp } from '../../http/test-app.ts';

let t: TestApp;
const PASSWORDS = Array.from({ length: 120 }, (_, i) => `secret-${i}-zx81`);
const ids: string[] = [];
beforeAll(async () => {
  t = await openTestApp();
  await t.app.inject({
    method: 'POST',
    url: '/api/v1/alert-targets',
    headers: t.admin,
    payload: {
      name: 'hook',
      destination: { kind: 'webhook', url: 'http://hooks.example/x' },
      events: ['camera.offline'],
    },
  });
  for (const [i, password] of PASSWORDS.entries()) {
    const added = await t.app.inject({
      method: 'POST',
      url: '/api/v1/cameras',
      headers: t.admin,
      payload: {
        name: `c${i}`,
        source: { kind: 'rtsp', url: `rtsp://10.0.0.1/${i}`, username: 'u', password },
        ...(i % 10 === 0
          ? { outputs: [{ via: 'rtmp', url: 'rtmp://10.0.0.9/live', secret: password }] }
          : {}),
      },
    });
    ids.push(added.json().id);
  }
}, 60_000);
afterAll(() => t[Symbol.asyncDispose]());

const keys = async () =>
  (await t.app.inject({ url: '/api/v1/keys', headers: t.admin })).json() as {
    isRunning: boolean;
    failure: string | null;
    tenants: { tenantId: string; version: number; oldVersions: number; left: number }[];
  };
const rotate = () => t.app.inject({ method: 'POST', url: '/api/v1/keys/rotate', headers: t.admin });
const opened = async (id: string) => {
  const camera = await t.registry.catalog.find((await t.registry.store.get(id))?.id ?? ('' as never));
  const source = camera?.profiles[0]?.source;
  return { password: source?.kind === 'rtsp' ? source.password : undefined, outputs: camera?.outputs };
};

describe('a rotation of keys', () => {
  it('seals everything by a new key while cameras are read and changed, and then the old key is gone', async () => {
    expect((await keys()).tenants).toEqual([{ tenantId: 'home', version: 1, oldVersions: 0, left: 0 }]);
    const began = await rotate();
    expect(began.statusCode).toBe(202);
    expect(began.json().tenants[0]).toMatchObject({ version: 2 });
    const busy = ids.slice(0, 40).map(async (id, i) => {
      expect((await opened(id)).password).toBe(PASSWORDS[i]);
      const url = `rtsp://10.0.0.1/${i}`;
      const source = { kind: 'rtsp', url, transport: 'tcp', username: 'u', password: `new-${i}` } as const;
      if (i % 2 === 0) await t.registry.cameras.change(id, { source });
    });
    await Promise.all(busy);
    await eventually('the rotation is over', async () => !(await keys()).isRunning);
    expect(await keys()).toMatchObject({
      failure: null,
      tenants: [{ tenantId: 'home', version: 2, oldVersions: 0, left: 0 }],
    });
    for (const [i, id] of ids.entries()) {
      const expected = i < 40 && i % 2 === 0 ? `new-${i}` : PASSWORDS[i];
      const { outputs, password } = await opened(id);
      expect(password).toBe(expected);
      if (i % 10 === 0) expect(outputs?.[0]).toMatchObject({ secret: PASSWORDS[i] });
    }
    const rows = await t.database.run((orm) => orm.execute(sql`select version from tenant_keys`));
    expect(JSON.stringify(rows)).not.toContain('"version":1');
  }, 30_000);

  it('keeps the old key where something cannot be opened, and says how much is left', async () => {
    const [id = ''] = ids;
    const broken = { v: 2, tenantId: 'home', keyVersion: 2, text: 'AAAA' };
    await t.registry.store.update(id, async () => ({ sealedPassword: broken }));
    await rotate();
    await eventually('the rotation is over', async () => !(await keys()).isRunning);
    expect((await keys()).tenants).toMatchObject([{ version: 3, oldVersions: 1, left: 1 }]);
    expect((await opened(ids[1] ?? '')).password).toBe(PASSWORDS[1]);
  });

  it('is for who runs the platform', async () => {
    const operator = await t.signedIn('operator');
    expect((await t.app.inject({ url: '/api/v1/keys', headers: operator })).statusCode).toBe(403);
  });
});
