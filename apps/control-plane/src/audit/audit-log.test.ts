import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEvent, type AuditRecord, type AuditSeal, HOME_TENANT, TenantId } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import type { Database } from '../database/database.ts';
import { auditRecords, auditSeals } from '../database/schema.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { recordHash } from './audit-chain.ts';
import { eventOf } from './audit-event.ts';
import { AuditLog } from './audit-log.ts';
import { AuditSpool } from './audit-spool.ts';
import { type AuditPlace, AuditStore } from './audit-store.ts';
import { KeptHeads } from './kept-heads.ts';
import { verifyAudit } from './verify-audit.ts';

const keys = generateKeyPairSync('ed25519');
let database: Database;
let store: AuditStore;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  store = new AuditStore({ database });
}, 30_000);
afterAll(() => database.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-audit-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.run((orm) => orm.delete(auditRecords));
  await database.run((orm) => orm.delete(auditSeals));
});

const event = (sessionId: string): Omit<AuditEvent, 'at'> => ({
  tenantId: HOME_TENANT,
  kind: 'view-started',
  actor: { kind: 'user', id: 'u1', name: 'Anna' },
  clientAddress: '10.0.0.7',
  requestId: null,
  cameraId: 'c1',
  sessionId,
  data: {},
});

const seals = async () => {
  const all: AuditSeal[] = [];
  for await (const seal of store.seals()) all.push(seal);
  return all;
};

function open(writer: string, add = (records: readonly AuditRecord[]) => store.add(records)) {
  const clock = new HeldClock();
  const kept = new KeptHeads({ file: join(folder, 'heads.json') });
  const spool = new AuditSpool({ folder, writer });
  const audit = new AuditLog({
    writer,
    store: {
      add,
      heads: () => store.heads(),
      newestSeal: () => store.newestSeal(),
      addSeal: (seal) => store.addSeal(seal),
    },
    spool,
    kept,
    sealingKey: keys.privateKey,
    clock,
    log: silentLog(),
  });
  return { audit, clock, kept, spool };
}

const sessions = async () =>
  (await store.find({ tenantId: HOME_TENANT }, { limit: 100 }))
    .map((record) => eventOf(record).sessionId)
    .sort();
const kept = ({ kept: { kept } }: { readonly kept: KeptHeads }) => ({
  keptHeads: kept.heads,
  keptSeal: kept.seal,
});
const verdict = (known: Partial<Parameters<typeof verifyAudit>[0]> = {}) =>
  verifyAudit({ records: store.all(), seals: store.seals(), publicKey: keys.publicKey, ...known });

describe('AuditLog', () => {
  it('stores what comes at the same time in one go, and keeps nothing on disk that is stored', async () => {
    let batches = 0;
    const { audit } = open('one', (records) => {
      batches += 1;
      return store.add(records);
    });
    for (let i = 0; i < 40; i += 1) audit.append(event(`s${i}`));
    await audit.settled();
    expect(batches).toBe(1);
    expect(await sessions()).toHaveLength(40);
    expect(readFileSync(join(folder, 'one.jsonl'), 'utf8')).toBe('');
  });

  it('keeps records while the database is away, and stores them in order when it is back', async () => {
    let away = true;
    const { audit, clock } = open('two', (records) =>
      away ? Promise.reject(new VedetteError('unavailable')) : store.add(records),
    );
    audit.append(event('s1'));
    await clock.pass(100);
    audit.append(event('s2'));
    expect(await sessions()).toEqual([]);
    away = false;
    await clock.pass(3000);
    await audit.settled();
    expect(await sessions()).toEqual(['s1', 's2']);
    expect((await verdict()).faults).toEqual([]);
  });

  it('loses nothing when its process ends before it could store, nor anything twice', async () => {
    const { audit } = open('three', () => Promise.reject(new VedetteError('unavailable')));
    audit.append(event('s1'));
    audit.append(event('s2'));
    await audit.settled();
    await store.add([JSON.parse(readFileSync(join(folder, 'three.jsonl'), 'utf8').split('\n')[0] ?? '')]);

    const { audit: next } = open('four');
    await next.start();
    next.append(event('s3'));
    await next.close();
    expect((await seals()).flatMap(({ heads }) => heads)).toMatchObject([
      { writer: 'four' },
      { writer: 'three', seq: 2 },
    ]);
    expect(await sessions()).toEqual(['s1', 's2', 's3']);
    expect(readdirSync(folder).sort()).toEqual(['four.jsonl', 'heads.json']);
    expect(await verdict()).toMatchObject({ chains: 2, faults: [] });
  });

  it('signs what is stored every minute, one seal after the other, beside other processes', async () => {
    const one = open('five');
    const two = open('six');
    await Promise.all([one.audit.start(), two.audit.start()]);
    one.audit.append(event('s1'));
    two.audit.append(event('s2'));
    await Promise.all([one.audit.settled(), two.audit.settled()]);
    await Promise.all([one.clock.pass(60_000), two.clock.pass(60_000)]);
    await expect.poll(async () => (await seals()).length).toBe(2);
    expect(await verdict()).toMatchObject({ records: 2, seals: 2, unsealed: 0, faults: [] });
    await Promise.all([one.audit.close(), two.audit.close()]);
  });

  it('shows a record that somebody deleted from the database', async () => {
    const { audit } = open('seven');
    for (const id of ['s1', 's2', 's3']) audit.append(event(id));
    await audit.close();
    const all = await store.find({ tenantId: HOME_TENANT }, { limit: 10 });
    await database.run((orm) => orm.delete(auditRecords));
    await store.add(all.filter(({ seq }) => seq !== 2));
    expect((await verdict()).faults).toEqual([{ where: 'seven 3', what: 'records 2 to 2 are missing' }]);
  });

  it('signs for what a process left behind that was killed, but not for what was added to a closed chain', async () => {
    const killed = open('killed');
    killed.audit.append(event('s1'));
    await killed.audit.settled();
    const closed = open('closed');
    closed.audit.append(event('s2'));
    await closed.audit.close();
    const [record] = (await store.find({ tenantId: HOME_TENANT, sessionId: 's2' }, { limit: 1 })) ?? [];
    if (record === undefined) throw new Error('one was written');
    const link = { writer: 'closed', seq: 2, event: record.event, previous: record.hash };
    await store.add([{ ...link, hash: recordHash(link) }]);
    expect((await verdict(kept(closed))).faults).toEqual([
      { where: 'closed 2', what: 'it was added after its chain was closed' },
    ]);
    const next = open('next');
    await next.audit.start();
    await next.clock.pass(60_000);
    await expect.poll(async () => (await seals()).length).toBe(2);
    expect((await seals())[1]?.heads).toMatchObject([{ writer: 'killed', seq: 1 }]);
    await next.audit.close();
  });

  it('knows outside the database where it stood: a tail, a chain or a seal that is removed is found', async () => {
    const first = open('first');
    first.audit.append(event('s1'));
    first.audit.append(event('s2'));
    await first.audit.close();
    const second = open('second');
    second.audit.append(event('s3'));
    await second.audit.close();
    expect((await verdict(kept(second))).faults).toEqual([]);
    await database.run((orm) => orm.delete(auditSeals));
    await database.run((orm) => orm.delete(auditRecords).where(eq(auditRecords.sessionId, 's2')));
    await database.run((orm) => orm.delete(auditRecords).where(eq(auditRecords.writer, 'second')));
    const reopened = new KeptHeads({ file: join(folder, 'heads.json') });
    expect((await verdict(kept({ kept: reopened }))).faults).toEqual([
      { where: 'seal 2', what: 'seals 1 to 2 are missing' },
      { where: 'first 2', what: 'records 2 to 2 are missing' },
      { where: 'second 1', what: 'records 1 to 1 are missing' },
    ]);
  });
});

describe('AuditStore', () => {
  it('finds by person, camera, kind and time, newest first, a page at a time', async () => {
    const { audit, clock } = open('eight');
    for (const id of ['s1', 's2', 's3', 's4']) {
      audit.append({ ...event(id), cameraId: id === 's3' ? 'c2' : 'c1' });
      await clock.pass(1000);
    }
    await audit.settled();
    const found = await store.find(
      { tenantId: HOME_TENANT, cameraId: 'c1', actorId: 'u1', kind: 'view-started' },
      { limit: 2 },
    );
    expect(found.map((record) => eventOf(record).sessionId)).toEqual(['s4', 's2']);
    const last = found[1];
    if (last === undefined) throw new Error('two were found');
    const before = { at: new Date(eventOf(last).at), writer: last.writer, seq: last.seq };
    const rest = await store.find({ tenantId: HOME_TENANT, cameraId: 'c1' }, { limit: 2, before });
    expect(rest.map((record) => eventOf(record).sessionId)).toEqual(['s1']);
    expect(
      await store.find({ tenantId: HOME_TENANT, to: new Date(clock.wallNow() - 4000) }, { limit: 9 }),
    ).toEqual([]);
  });

  it('finds all of one view, and nothing of another tenant', async () => {
    const { audit } = open('nine');
    const other = TenantId.parse('other');
    audit.append(event('s1'));
    audit.append({ ...event('s1'), kind: 'view-ended' });
    audit.append({ ...event('s1'), tenantId: other });
    audit.append(event('s2'));
    await audit.settled();
    const found = (tenantId: TenantId) =>
      store.find({ tenantId, sessionId: 's1', actorId: 'u1', cameraId: 'c1' }, { limit: 9 });
    expect((await found(HOME_TENANT)).map((record) => eventOf(record).kind)).toEqual([
      'view-ended',
      'view-started',
    ]);
    expect((await found(other)).map((record) => eventOf(record).tenantId)).toEqual([other]);
  });

  it('is paged through without a gap or a repetition where many records are of the same moment', async () => {
    const chains = ['ten', 'eleven', 'twelve'].map((writer) => open(writer).audit);
    for (let i = 0; i < 21; i += 1) chains[i % 3]?.append(event(`s${i}`));
    await Promise.all(chains.map((audit) => audit.settled()));
    const places: string[] = [];
    let before: AuditPlace | undefined;
    for (;;) {
      const found: AuditRecord[] = await store.find({ tenantId: HOME_TENANT }, { limit: 2, before });
      places.push(...found.map(({ seq, writer }) => `${writer} ${seq}`));
      const last = found.at(-1);
      if (last === undefined) break;
      before = { at: new Date(eventOf(last).at), writer: last.writer, seq: last.seq };
    }
    expect(places).toHaveLength(21);
    expect(new Set(places).size).toBe(21);
  });
});
