// What both kinds of database could do differently: races, paging, sums, times, JSON, raw SQL.
import {
  ALL_CAMERAS,
  type AlertMessage,
  CameraId,
  HOME_TENANT,
  type PolicyRule,
  TenantId,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserStore } from '../../apps/control-plane/src/access/user-store.ts';
import { DEFAULT_TENANT_LIMITS, LimitsStore } from '../../apps/control-plane/src/admission/limits-store.ts';
import { AlertStore } from '../../apps/control-plane/src/alerts/alert-store.ts';
import { WatchCounts } from '../../apps/control-plane/src/analytics/watch-counts.ts';
import { WatchStore } from '../../apps/control-plane/src/analytics/watch-store.ts';
import { AuditChain } from '../../apps/control-plane/src/audit/audit-chain.ts';
import { eventOf } from '../../apps/control-plane/src/audit/audit-event.ts';
import { type AuditPlace, AuditStore } from '../../apps/control-plane/src/audit/audit-store.ts';
import { AuditWriterStore } from '../../apps/control-plane/src/audit/audit-writer-store.ts';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { IncidentStore } from '../../apps/control-plane/src/incidents/incident-store.ts';
import { PolicyStore } from '../../apps/control-plane/src/policy/policy-store.ts';
import { AT_HOME } from '../../apps/control-plane/src/registry/camera-place.fixture.ts';
import { CameraStore } from '../../apps/control-plane/src/registry/camera-store.ts';
import { HistoryStore } from '../../apps/control-plane/src/registry/health/history-store.ts';
import { OrganisationStore } from '../../apps/control-plane/src/registry/organisation/organisation-store.ts';
import { TenantKeyStore } from '../../apps/control-plane/src/registry/secrets/tenant-key-store.ts';
import { TenantStore } from '../../apps/control-plane/src/tenants/tenant-store.ts';
import { DATABASE_SERVERS, type DatabaseServer } from '../support/database-servers.ts';

const T0 = Date.UTC(2026, 2, 28, 0, 30);
const HOUR = 3_600_000;
const OTHER = TenantId.parse('other');
const at = (ms: number) => new Date(T0 + ms);
const conflicts = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(
    (outcome) =>
      outcome.status === 'rejected' &&
      outcome.reason instanceof VedetteError &&
      outcome.reason.code === 'conflict',
  ).length;

describe.each(DATABASE_SERVERS)('the stores over %s', (_name, start) => {
  if (start === undefined) return it.skip('needs PostgreSQL, which is not installed', () => undefined);
  let server: DatabaseServer;
  let db: Database;
  beforeAll(async () => {
    server = await start();
    db = await server.open();
  });
  afterAll(async () => {
    await db.close();
    await server.close();
  });
  async function newCamera(name: string, change: object = {}): Promise<CameraId> {
    const id = CameraStore.newId();
    await new CameraStore({ database: db }).create({
      ...AT_HOME,
      id,
      name,
      source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/x', transport: 'tcp' },
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
    return id;
  }

  it('let one of those win who change limits, or rules, on the same base', async () => {
    const limits = new LimitsStore({ database: db });
    const policies = new PolicyStore({ database: db });
    const rules: PolicyRule[] = [];
    for (const basedOn of [0, 1]) {
      const wished = [100, 200, 300].map((tenantViews) => ({ ...DEFAULT_TENANT_LIMITS, tenantViews }));
      expect(
        conflicts(await Promise.allSettled(wished.map((each) => limits.set(HOME_TENANT, basedOn, each)))),
      ).toBe(2);
      const written = [1, 2, 3].map(() =>
        policies.add(HOME_TENANT, { basedOn, rules, author: 'a', note: 'n' }),
      );
      expect(conflicts(await Promise.allSettled(written))).toBe(2);
    }
    expect((await limits.get(HOME_TENANT)).version).toBe(2);
    expect(await limits.get(OTHER)).toEqual({ version: 0, limits: DEFAULT_TENANT_LIMITS });
    expect((await policies.versions(HOME_TENANT, { limit: 5 })).map(({ version }) => version)).toEqual([
      2, 1,
    ]);
    expect(await policies.get(HOME_TENANT, 1)).toMatchObject({ rules, author: 'a' });
  });

  it('give an alert to one of those that see it due, the longest due first', async () => {
    const alerts = new AlertStore({ database: db });
    const target = await alerts.addTarget({
      id: 't1',
      tenantId: HOME_TENANT,
      name: 'hook',
      destination: { kind: 'webhook', url: 'https://hooks.example/x' },
      sealedSecret: { v: 2 },
      events: ['camera.offline'],
      enabled: true,
    });
    const message: AlertMessage = {
      id: 'm1',
      kind: 'camera.offline',
      at: at(0).toISOString(),
      title: 'Gate is offline “now”',
      cameras: [],
      node: null,
    };
    for (const ms of [2000, 0, 1000]) await alerts.enqueue([target], { ...message, id: `m${ms}` }, at(ms));
    const due = await alerts.due(at(1500), 10);
    expect(due.map(({ delivery }) => delivery.event.id)).toEqual(['m0', 'm1000']);
    const [first] = due;
    if (first === undefined) throw new Error('nothing is due');
    const claims = await Promise.all([1, 2, 3].map(() => alerts.claim(first.delivery, at(60_000))));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await alerts.finish(first.delivery.id, { state: 'dead', lastError: 'no' });
    expect(await alerts.retry(HOME_TENANT, first.delivery.id, at(0))).toBe(true);
    const page = await alerts.deliveries(HOME_TENANT, { limit: 2 });
    expect(page.map(({ delivery }) => delivery.createdAt)).toEqual([at(2000), at(1000)]);
    expect(await alerts.removeTarget(HOME_TENANT, target.id)).toBe(true);
    expect(await alerts.due(at(HOUR), 10)).toEqual([]);
  });

  it('know sites and groups by name whatever its case, and let cameras go when one is removed', async () => {
    const organisation = new OrganisationStore({ database: db });
    const site = (name: string) =>
      organisation.createSite(HOME_TENANT, { name, timeZone: 'Europe/Vienna', maxPulls: null });
    const made = await site('Straße');
    expect(conflicts(await Promise.allSettled([site('STRASSE 1'), site('strasse 1'), site('straße')]))).toBe(
      2,
    );
    const group = await organisation.createGroup(HOME_TENANT, { name: 'Doors' });
    const id = await newCamera('at the site', { siteId: made.id, groupIds: [group.id] });
    expect(await organisation.camerasOfGroup(group.id)).toBe(1);
    expect((await organisation.camerasOfSites(HOME_TENANT)).get(made.id)).toBe(1);
    expect(await organisation.removeGroup(HOME_TENANT, group.id)).toEqual({ cameraIds: [id] });
    expect(await organisation.removeSite(HOME_TENANT, made.id)).toEqual({ cameraIds: [id] });
    expect(await new CameraStore({ database: db }).get(id)).toMatchObject({ siteId: null, groupIds: [] });
  });

  it('keep one key of a version, whoever makes it, and one tenant of an id', async () => {
    const keys = new TenantKeyStore({ database: db });
    const key = { tenantId: OTHER, version: 1, keyId: 'k', wrapped: 'AA==' };
    const added = await Promise.all(['AA==', 'BB==', 'CC=='].map((wrapped) => keys.add({ ...key, wrapped })));
    expect(added.filter(Boolean)).toHaveLength(1);
    await keys.add({ ...key, version: 2 });
    expect((await keys.newest(OTHER))?.version).toBe(2);
    await keys.rewrap({ ...key, keyId: 'other', wrapped: 'DD==' });
    expect(await keys.get(OTHER, 1)).toMatchObject({ keyId: 'other', wrapped: 'DD==' });
    const tenants = new TenantStore({ database: db });
    const makes = [1, 2].map(() => tenants.create({ id: OTHER, name: 'Other' }));
    expect(conflicts(await Promise.allSettled(makes))).toBe(1);
    const users = new UserStore({ database: db });
    const of = { role: 'viewer' as const, grants: ALL_CAMERAS, passwordHash: 'h', disabled: false };
    await users.create({ ...of, name: 'theirs', tenantId: OTHER });
    expect((await tenants.list()).find(({ id }) => id === OTHER)).toMatchObject({ users: 1, cameras: 0 });
    await expect(tenants.remove(OTHER)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('page through users by name, each once, in letters of any kind', async () => {
    const users = new UserStore({ database: db });
    const tenantId = TenantId.parse('paging');
    const names = [
      'zoe',
      'Äsop',
      'anna',
      'Anna-Lena',
      'anna b',
      'Ärger',
      'olaf',
      'Ødegaard',
      '_x',
      '10',
      '9',
    ];
    const fields = {
      role: 'viewer' as const,
      grants: ALL_CAMERAS,
      passwordHash: 'h',
      disabled: false,
      tenantId,
    };
    for (const name of names) await users.create({ ...fields, name });
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await users.list({ tenantId, limit: 2, after });
      seen.push(...page.map(({ name }) => name));
      after = page.at(-1)?.nameKey;
      if (after === undefined) break;
    }
    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  it('remember the states of a camera to the millisecond, and forget them with it', async () => {
    const history = new HistoryStore({ database: db });
    const id = await newCamera('remembered');
    const entry = (ms: number, state: 'online' | 'offline') => ({
      at: at(ms),
      state,
      reason: 'camera_offline' as const,
    });
    await history.add(id, entry(1, 'online'));
    await history.add(id, entry(2, 'offline'));
    await history.add(id, entry(2, 'online'));
    expect(await history.newest(id, 5)).toEqual([entry(2, 'offline'), entry(1, 'online')]);
    expect(await history.since(id, at(2))).toEqual([entry(1, 'online'), entry(2, 'offline')]);
    expect((await history.last()).get(id)).toEqual(entry(2, 'offline'));
    await new CameraStore({ database: db }).remove(id);
    expect(await history.newest(id, 5)).toEqual([]);
  });

  it('end an incident once, and know which go on', async () => {
    const incidents = new IncidentStore({ database: db });
    const incident = {
      id: 'i1',
      tenantId: HOME_TENANT,
      name: 'Fire',
      cameraIds: [CameraId.parse('c1')],
      begunBy: 'anna',
      begunAt: at(0),
      endsAt: at(HOUR),
      endedAt: null,
    };
    await incidents.add(incident);
    await incidents.add({ ...incident, id: 'i2', endsAt: at(1) });
    expect((await incidents.going(at(1))).map(({ id }) => id)).toEqual(['i1']);
    const ended = await Promise.all([1, 2, 3].map(() => incidents.end(HOME_TENANT, 'i1', at(2))));
    expect(ended.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await incidents.list(HOME_TENANT)).map(({ id }) => id).sort()).toEqual(['i1', 'i2']);
  });

  it('sum what was watched, beyond 32 bits, and by hours of a time zone', async () => {
    const watch = new WatchStore({ database: db });
    const counts = new WatchCounts({ database: db });
    const row = {
      sessionId: 'w1',
      tenantId: HOME_TENANT,
      userId: 'u1',
      cameraId: 'c1',
      startedAt: at(0),
      endedAt: at(HOUR),
      protocol: 'webrtc',
      profile: 'main',
      seconds: 3600,
      bytesSent: 5_000_000_000,
    };
    await watch.add([row, { ...row, sessionId: 'w2', protocol: 'hls', seconds: 0, endedAt: at(0) }]);
    await watch.add([{ ...row, seconds: 1 }]);
    const range = { tenantId: HOME_TENANT, from: at(-HOUR), to: at(2 * HOUR) };
    expect(await counts.total(range)).toEqual({ seconds: 3600, views: 2, bytes: 10_000_000_000 });
    expect(await counts.by('protocol', range, 'UTC', 5)).toMatchObject([
      { key: 'webrtc', seconds: 3600 },
      { key: 'hls', seconds: 0, bytes: 5_000_000_000 },
    ]);
    const hours = await counts.by('hour', range, 'Europe/Vienna', 24);
    // From 1:30 to 2:30 on the clock there.
    expect(hours.filter(({ seconds }) => seconds > 0).map(({ key, seconds }) => [key, seconds])).toEqual([
      ['1', 1800],
      ['2', 1800],
    ]);
    expect(await watch.newest()).toEqual(at(HOUR));
    expect(await watch.forget(at(1), 10)).toBe(1);
    await watch.refreshStatistics();
  });

  it('find records of the audit page by page, those of one moment too, and know where each chain ends', async () => {
    const audit = new AuditStore({ database: db });
    const chains = ['w1', 'W2', 'w_3'].map((writer) => new AuditChain({ writer }));
    const event = (n: number) => ({
      kind: 'view-started' as const,
      at: T0 + Math.floor(n / 4),
      tenantId: HOME_TENANT,
      actor: { kind: 'user' as const, id: 'u1', name: 'Ännä "x" 🎥' },
      clientAddress: null,
      requestId: null,
      cameraId: 'c1',
      sessionId: `s${n}`,
      data: { nested: { nothing: null } },
    });
    const records = chains.flatMap((chain, c) =>
      Array.from({ length: 8 }, (_, n) => chain.append(event(n * 3 + c))),
    );
    await Promise.all([audit.add(records), audit.add(records.slice(0, 5))]);
    const found: string[] = [];
    for (let before: AuditPlace | undefined; ; ) {
      const page = await audit.find({ tenantId: HOME_TENANT }, { limit: 5, before });
      found.push(...page.map((record) => `${record.writer} ${record.seq}`));
      const last = page.at(-1);
      if (last === undefined) break;
      before = { at: new Date(eventOf(last).at), writer: last.writer, seq: last.seq };
    }
    expect(found.toSorted()).toEqual(records.map(({ seq, writer }) => `${writer} ${seq}`).toSorted());
    const heads = chains.map((chain) => chain.head);
    expect(await audit.heads()).toEqual(expect.arrayContaining(heads));
    expect(await audit.heads()).toHaveLength(3);
    const all = [];
    for await (const record of audit.all()) all.push(record);
    expect(all).toEqual(expect.arrayContaining(records));
    const seal = {
      seq: 1,
      at: T0,
      heads: [],
      previous: '0'.repeat(64),
      hash: '1'.repeat(64),
      signature: 's',
    };
    const seals = await Promise.all([1, 2, 3].map(() => audit.addSeal(seal)));
    expect(seals.filter(Boolean)).toHaveLength(1);
    expect(await audit.newestSeal()).toEqual(seal);
  });

  it('take back nothing that a writer of the audit has said', async () => {
    const writers = new AuditWriterStore({ database: db });
    const said = { writer: 'a', host: 'h', seq: 5, seenAt: at(0), closedAt: null };
    await writers.say(said);
    await writers.say({ ...said, seq: 3, seenAt: at(1), closedAt: at(1) });
    await writers.say({ ...said, seq: 4, seenAt: at(2) });
    expect(await writers.list()).toEqual([{ ...said, seenAt: at(2), closedAt: at(1) }]);
  });
});
