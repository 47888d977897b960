import { HOME_TENANT, TenantId, type WatchTimeBy } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { apiTokens, cameras, users, watchLog } from '../database/schema.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { WatchCounts } from './watch-counts.ts';
import type { WatchRow } from './watch-row.ts';
import { WatchStore } from './watch-store.ts';

const OTHER = TenantId.parse('other');
const FROM = Date.UTC(2026, 2, 1);
const HOUR = 3_600_000;
let database: Database;
let counts: WatchCounts;
let store: WatchStore;
const rows: WatchRow[] = [];

function view(i: number, change: Partial<WatchRow> = {}): WatchRow {
  const startedAt = FROM + (i % 480) * 1000 * 60;
  const seconds = (i * 7) % 600;
  return {
    sessionId: `s${i}`,
    tenantId: i % 10 === 0 ? OTHER : HOME_TENANT,
    userId: `u${i % 3}`,
    cameraId: `c${i % 20}`,
    startedAt: new Date(startedAt),
    endedAt: new Date(startedAt + seconds * 1000),
    protocol: i % 4 === 0 ? 'hls' : 'webrtc',
    profile: 'main',
    seconds,
    bytesSent: seconds * 100_000,
    ...change,
  };
}

beforeAll(async () => {
  database = await openTestDatabase();
  counts = new WatchCounts({ database });
  store = new WatchStore({ database });
  const camera = (id: string, tenantId: string) => ({
    id,
    tenantId,
    name: `Camera ${id}`,
    source: {},
    sourceRevision: 1,
    pull: 'on-demand',
    idleTtlSeconds: 15,
    profiles: [],
    createdAt: new Date(0),
    updatedAt: new Date(0),
  });
  await database.run((orm) =>
    orm.insert(cameras).values([
      // The ones with ids that divide by ten are watched by the other tenant alone.
      ...Array.from({ length: 25 }, (_, i) => camera(`c${i}`, HOME_TENANT)).filter(({ id }) => id !== 'c19'),
      camera('foreign', OTHER),
    ]),
  );
  const person = { role: 'operator', createdAt: new Date(0) };
  await database.run((orm) =>
    orm.insert(users).values({
      ...person,
      id: 'u1',
      name: 'Anna',
      nameKey: 'anna',
      passwordHash: '',
      updatedAt: new Date(0),
    }),
  );
  await database.run((orm) =>
    orm.insert(apiTokens).values({ ...person, id: 'u2', name: 'Robot', secretHash: 'x', createdBy: 'u1' }),
  );
  for (let i = 0; i < 3000; i += 1) rows.push(view(i));
  for (let i = 0; i < rows.length; i += 1000) await store.add(rows.slice(i, i + 1000));
}, 30_000);
afterAll(() => database.close());

const home = { tenantId: HOME_TENANT, from: new Date(FROM), to: new Date(FROM + 24 * HOUR) };
const by = (what: WatchTimeBy, range = home) => counts.by(what, range, 'UTC', 100);
const sumOf = (kept: readonly WatchRow[]) => ({
  seconds: kept.reduce((sum, { seconds }) => sum + seconds, 0),
  views: kept.length,
  bytes: kept.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
});
const ours = () => rows.filter(({ tenantId }) => tenantId === HOME_TENANT);

describe('WatchCounts', () => {
  it('adds up what one tenant watched in a range, and nothing of another', async () => {
    expect(await counts.total(home)).toEqual(sumOf(ours()));
    const to = new Date(FROM + 2 * HOUR);
    const early = ours().filter(({ endedAt }) => endedAt < to);
    expect(await counts.total({ ...home, to })).toEqual(sumOf(early));
    expect(await counts.total({ ...home, tenantId: TenantId.parse('nobody') })).toEqual({
      seconds: 0,
      views: 0,
      bytes: 0,
    });
  });

  it.each(['camera', 'user', 'protocol'] as const)('comes to the same total by %s', async (what) => {
    const items = await by(what);
    expect(items.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(sumOf(ours()).seconds);
    expect(items.map(({ seconds }) => seconds)).toEqual(
      items.map(({ seconds }) => seconds).sort((a, b) => b - a),
    );
  });

  it('names cameras, people and programs as they are called now, and nobody else', async () => {
    const people = new Map((await by('user')).map(({ key, name }) => [key, name]));
    expect([...people].sort()).toEqual([
      ['u0', null],
      ['u1', 'Anna'],
      ['u2', 'Robot'],
    ]);
    const found = new Map((await by('camera')).map(({ key, name }) => [key, name]));
    expect(found.get('c1')).toBe('Camera c1');
    expect(found.get('c19')).toBeNull();
    const foreign = new Map(
      (await by('camera', { ...home, tenantId: OTHER })).map(({ key, name }) => [key, name]),
    );
    expect(foreign.get('c0')).toBeNull();
  });

  it('gives every hour of the day its share of a view that runs over several, by the clocks of a place', async () => {
    const startedAt = new Date(Date.UTC(2026, 5, 1, 22, 30));
    const long = {
      startedAt,
      endedAt: new Date(startedAt.getTime() + 2 * HOUR),
      seconds: 7200,
      bytesSent: 7200,
    };
    await store.add([view(1, { ...long, sessionId: 'long' })]);
    const range = { tenantId: HOME_TENANT, from: startedAt, to: new Date(startedAt.getTime() + 3 * HOUR) };
    const hours = async (zone: string) =>
      (await counts.by('hour', range, zone, 1)).map(({ seconds, views }) => [seconds, views]);
    const utc = await hours('UTC');
    expect(utc).toHaveLength(24);
    expect([utc[22], utc[23], utc[0], utc[1]]).toEqual([
      [1800, 1],
      [3600, 1],
      [1800, 1],
      [0, 0],
    ]);
    // Two hours before in summer, and half an hour off: 04:00 to 06:00.
    const berlin = await hours('Europe/Berlin');
    expect([berlin[0], berlin[1], berlin[2]]).toEqual([
      [1800, 1],
      [3600, 1],
      [1800, 1],
    ]);
    const kolkata = await hours('Asia/Kolkata');
    expect([kolkata[4], kolkata[5], kolkata[6]]).toEqual([
      [3600, 1],
      [3600, 1],
      [0, 0],
    ]);
  });

  it('lists the most watched cameras that there are, page by page, each once', async () => {
    const all = await counts.mostWatched(home, 100, undefined);
    expect(all.map(({ cameraId }) => cameraId)).not.toContain('c19');
    const paged: string[] = [];
    for (let after: (typeof all)[number] | undefined; ; ) {
      const [next] = await counts.mostWatched(home, 1, after);
      if (next === undefined) break;
      paged.push(next.cameraId);
      after = next;
    }
    expect(paged).toEqual(all.map(({ cameraId }) => cameraId));
    expect(paged).toHaveLength(17);
  });

  it('lists the cameras of the tenant that nobody of it has watched, by name', async () => {
    const all = await counts.neverWatched(home, 100, undefined);
    expect(all.map(({ cameraId }) => cameraId)).toEqual(['c0', 'c10', 'c20', 'c21', 'c22', 'c23', 'c24']);
    const [first, second] = await counts.neverWatched(home, 2, undefined);
    expect(await counts.neverWatched(home, 100, second)).toEqual(all.slice(2));
    expect(first?.seconds).toBe(0);
    const foreign = await counts.neverWatched({ ...home, tenantId: OTHER }, 100, undefined);
    expect(foreign.map(({ cameraId }) => cameraId)).toEqual(['foreign']);
  });
});

describe('WatchStore', () => {
  it('keeps a view as it was stored first, and forgets the oldest a few at a time', async () => {
    await store.add([view(1, { seconds: 99_999 })]);
    expect(await counts.total(home)).toEqual(sumOf(ours()));
    const before = new Date(FROM + HOUR);
    const old = rows.filter(({ endedAt }) => endedAt < before).length;
    expect(await store.forget(before, 10)).toBe(10);
    expect(await store.forget(before, 10_000)).toBe(old - 10);
    expect(await store.forget(before, 10)).toBe(0);
    expect(await database.run((orm) => orm.$count(watchLog))).toBe(3001 - old);
    await store.refreshStatistics();
  });
});
