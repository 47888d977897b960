import { inspect } from 'node:util';
import { ALL_CAMERAS, HOME_TENANT } from '@vedette/contracts';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiTokenStore } from '../../apps/control-plane/src/access/api-token-store.ts';
import { SignInStore } from '../../apps/control-plane/src/access/sign-in-store.ts';
import { UserStore } from '../../apps/control-plane/src/access/user-store.ts';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { DatabaseError } from '../../apps/control-plane/src/database/database-error.ts';
import { NewerDatabaseError } from '../../apps/control-plane/src/database/migrations.ts';
import { ALL_AT_HOME, AT_HOME } from '../../apps/control-plane/src/registry/camera-place.fixture.ts';
import { CameraStore, type NewCamera } from '../../apps/control-plane/src/registry/camera-store.ts';
import { VedetteError } from '../../packages/runtime/src/index.ts';
import { DATABASE_SERVERS, type DatabaseServer } from '../support/database-servers.ts';

const camera = (name: string, change: Partial<NewCamera> = {}): NewCamera => ({
  ...AT_HOME,
  id: CameraStore.newId(),
  name,
  source: { kind: 'rtsp', url: `rtsp://10.0.0.1/${encodeURIComponent(name)}`, transport: 'tcp' },
  sealedPassword: null,
  pull: 'on-demand',
  idleTtlSeconds: 15,
  renditions: [],
  outputs: [],
  profiles: [],
  device: null,
  onvif: null,
  ...change,
});
const user = (name: string, role: 'admin' | 'viewer' = 'viewer') => ({
  tenantId: HOME_TENANT,
  grants: ALL_CAMERAS,
  name,
  role,
  passwordHash: 'hash',
  disabled: false,
});
const failures = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter((result) => result.status === 'rejected');

describe.each(DATABASE_SERVERS)('the database contract over %s', (name, start) => {
  if (start === undefined) {
    console.warn(`SKIPPED: ${name} is not installed (no /usr/lib/postgresql/*/bin/postgres)`);
    it.skip(`needs ${name}, which is not installed`, () => undefined);
    return;
  }
  let server: DatabaseServer;
  let db: Database;
  let cameras: CameraStore;
  let users: UserStore;
  beforeAll(async () => {
    server = await start();
    db = await server.open();
    cameras = new CameraStore({ database: db });
    users = new UserStore({ database: db });
  });
  afterAll(async () => {
    await db.close();
    await db.close();
    await server.close();
  });

  it('keeps all of a transaction or nothing', async () => {
    const half = camera('half');
    const failing = db.transaction(async (orm) => {
      await orm.execute(sql`insert into idempotency_keys values ('p', 'k', 'h', 'c', now())`);
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    const left = await db.run((orm) => orm.execute(sql`select 1 from idempotency_keys where key = 'k'`));
    expect((left as unknown as { rows: unknown[] }).rows).toEqual([]);
    expect(await cameras.get(half.id)).toBeUndefined();
  });

  it('answers a camera as it was given', async () => {
    const given = camera('Ä "quoted" 🎥', {
      sealedPassword: { v: 1, keyId: 'k', key: 'AA==', text: 'BB==' },
      profiles: [
        { name: 'main', url: 'rtsp://a/x', codec: 'h264', width: 1280, height: 720, frameRate: 12.5 },
      ],
      device: { manufacturer: 'm', model: 'm', firmware: '1.10', serial: '007' },
    });
    await cameras.create(given);
    expect(await cameras.get(given.id)).toMatchObject({ ...given, sourceRevision: 1 });
  });

  it('pages through all cameras by name, each once, while others come and go', async () => {
    const own = new CameraStore({ database: db });
    const names = ['page b', 'Page A', 'page B', 'page é', 'page 10', 'page 2', 'page b'];
    for (const each of names) await own.create(camera(each));
    const seen: string[] = [];
    let after: { nameKey: string; id: string } | undefined;
    for (;;) {
      const page = await own.list({ scope: ALL_AT_HOME, limit: 2, after, search: 'PAGE' });
      if (page.length === 0) break;
      seen.push(...page.map((entry) => entry.camera.name));
      const last = page.at(-1);
      after = last && { nameKey: last.nameKey, id: last.camera.id };
      if (seen.length === 2) await own.create(camera('page 0, which comes too late'));
    }
    expect(seen.map((each) => each.toLowerCase())).toEqual([
      'page 10',
      'page 2',
      'page a',
      'page b',
      'page b',
      'page b',
      'page é',
    ]);
  });

  it('searches literally: percent, underscore and backslash are characters', async () => {
    for (const each of ['100% gate', '100x gate', 'a_b', 'axb', 'c\\d']) await cameras.create(camera(each));
    const found = async (search: string) =>
      (await cameras.list({ scope: ALL_AT_HOME, limit: 10, search })).map((entry) => entry.camera.name);
    expect(await found('100%')).toEqual(['100% gate']);
    expect(await found('a_b')).toEqual(['a_b']);
    expect(await found('c\\d')).toEqual(['c\\d']);
    expect(await found("'; drop table cameras; --")).toEqual([]);
  });

  it('creates one camera for ten requests at once with one idempotency key', async () => {
    const idempotency = { principalId: 'p', key: 'ten', requestHash: 'h' };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => cameras.create(camera('ten at once'), idempotency)),
    );
    const ids = outcomes.map((outcome) => (outcome.kind === 'key_used' ? 'none' : outcome.camera.id));
    expect(new Set(ids).size).toBe(1);
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(await cameras.list({ scope: ALL_AT_HOME, limit: 10, search: 'ten at once' })).toHaveLength(1);
    expect(await cameras.create(camera('other'), { ...idempotency, requestHash: 'x' })).toEqual({
      kind: 'key_used',
    });
    expect(await cameras.create(camera('other'), { ...idempotency, principalId: 'q' })).toMatchObject({
      kind: 'created',
    });
  });

  it('lets no change of a camera overwrite another', async () => {
    const { id } = camera('counter');
    await cameras.create(camera('counter', { id, idleTtlSeconds: 0 }));
    const bump = () => cameras.update(id, async (now) => ({ idleTtlSeconds: now.idleTtlSeconds + 1 }));
    await Promise.all(Array.from({ length: 10 }, bump));
    expect((await cameras.get(id))?.idleTtlSeconds).toBe(10);
    expect(await cameras.update('nosuch', async () => ({}))).toBeUndefined();
  });

  it('keeps what was read from a camera only for the source it was read from', async () => {
    const { id } = camera('read');
    await cameras.create(camera('read', { id }));
    const reading = { profiles: [], device: { manufacturer: 'a', model: 'b', firmware: 'c', serial: 'd' } };
    await cameras.update(id, async (now) => ({ sourceRevision: now.sourceRevision + 1 }));
    expect(await cameras.saveReading(id, 1, reading)).toBeUndefined();
    expect(await cameras.saveReading(id, 2, reading)).toMatchObject({ device: reading.device });
  });

  it('has one user of a name, whatever the case', async () => {
    const outcomes = await Promise.allSettled(
      ['Anna', 'anna', ' ANNA '].map((each) => users.create(user(each))),
    );
    expect(failures(outcomes)).toHaveLength(2);
    for (const { reason } of failures(outcomes) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'conflict', fields: [{ path: 'name' }] });
    expect(await users.byName('aNNa')).toBeDefined();
  });

  it('says of a failed query which constraint it broke, and nothing of its values', async () => {
    const row = sql`('p', 'broken', 'secret-value', 'c', now())`;
    const insert = () => db.run((orm) => orm.execute(sql`insert into idempotency_keys values ${row}`));
    await insert();
    const thrown = await insert().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(DatabaseError);
    expect(thrown).toMatchObject({
      isUniqueViolation: true,
      constraint: 'idempotency_keys_principal_id_key_pk',
    });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('secret-value');
  });

  it('keeps an enabled administrator when two remove each other, disable or demote at once', async () => {
    const own = new UserStore({ database: await server.open() });
    const [one, two] = [await own.create(user('one', 'admin')), await own.create(user('two', 'admin'))];
    expect(failures(await Promise.allSettled([own.remove(one.id), own.remove(two.id)]))).toHaveLength(1);
    const left = (await own.get(one.id)) ?? (await own.get(two.id)) ?? one;
    const three = await own.create(user('three', 'admin'));
    const outcomes = await Promise.allSettled([
      own.update(left.id, { disabled: true }),
      own.update(three.id, { role: 'viewer' }),
    ]);
    expect(failures(outcomes)).toHaveLength(1);
    expect((failures(outcomes)[0] as PromiseRejectedResult).reason).toBeInstanceOf(VedetteError);
  });

  it('makes one first administrator, however many starts at once', async () => {
    const own = new UserStore({ database: await server.open() });
    const made = await Promise.all(Array.from({ length: 5 }, () => own.createFirst(user('admin', 'admin'))));
    expect(made.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('signs a user out of every browser but one, and forgets those that have expired', async () => {
    const signIns = new SignInStore({ database: db });
    const { id: userId } = await users.create(user('signed-in'));
    const now = Date.now();
    const fields = {
      userId,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      address: 'a',
      userAgent: 'b',
    };
    const expiresAt = new Date(now + 60_000);
    const kept = await signIns.create({ ...fields, expiresAt, secret: 'one' });
    await signIns.create({ ...fields, expiresAt, secret: 'two' });
    await signIns.create({ ...fields, expiresAt: new Date(now - 1), secret: 'three' });
    await signIns.removeExpired(new Date(now));
    expect(await signIns.bySecret('three')).toBeUndefined();
    await signIns.removeAllOf(userId, kept.id);
    expect((await signIns.ofUser(userId, new Date(now))).map(({ id }) => id)).toEqual([kept.id]);
    expect(await signIns.remove('somebody-else', kept.id)).toBe(false);
    await users.remove(userId).catch(() => undefined);
  });

  it('stores no secret of a token or a cookie', async () => {
    const { secret } = await new ApiTokenStore({ database: db }).create({
      name: 't',
      role: 'viewer',
      tenantId: HOME_TENANT,
      grants: ALL_CAMERAS,
      scopes: null,
      createdBy: 'x',
      createdAt: new Date(),
      expiresAt: null,
    });
    const rows = await db.run((orm) => orm.execute(sql`select * from api_tokens`));
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('opens again with all that was in it', async () => {
    const first = await server.open();
    const { id } = await new UserStore({ database: first }).create(user('kept'));
    const second = await server.reopen(first);
    expect(await new UserStore({ database: second }).get(id)).toMatchObject({ name: 'kept' });
    await second.close();
  });

  it('[R4] serves the version before the one that has migrated it, as during an upgrade, and none before that', async () => {
    const first = await server.open();
    const migrateBeyond = (database: Database, ms: number) =>
      database.run((orm) =>
        orm.execute(sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', ${ms})`),
      );
    const { id } = await new UserStore({ database: first }).create(user('old and new'));
    await migrateBeyond(first, Date.now() * 2);
    const second = await server.reopen(first);
    expect(await new UserStore({ database: second }).get(id)).toMatchObject({ name: 'old and new' });
    await migrateBeyond(second, Date.now() * 3);
    await expect(server.reopen(second)).rejects.toThrow(NewerDatabaseError);
  });

  // PGlite's folder belongs to one process.
  if (name === 'PostgreSQL')
    it('is migrated once by processes that start at once on an empty one', async () => {
      const first = await server.open();
      for (const statement of [
        'drop schema drizzle cascade',
        'drop schema public cascade',
        'create schema public',
      ])
        await first.run((orm) => orm.execute(sql.raw(statement)));
      const opened = await Promise.all(Array.from({ length: 4 }, () => server.again(first)));
      const { id } = await new UserStore({ database: first }).create(user('of all'));
      for (const database of opened) {
        expect(await new UserStore({ database }).get(id)).toBeDefined();
        await database.close();
      }
      await first.close();
    });
});
