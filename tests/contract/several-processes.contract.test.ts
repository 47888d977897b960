// Control processes that work on one database at once: what each writes down, makes and takes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CAMERAS, type AuditEvent, HOME_TENANT, UserId } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountService } from '../../apps/control-plane/src/access/account-service.ts';
import { ApiTokenStore } from '../../apps/control-plane/src/access/api-token-store.ts';
import { Authenticator } from '../../apps/control-plane/src/access/authenticator.ts';
import { SignInStore } from '../../apps/control-plane/src/access/sign-in-store.ts';
import { UserStore } from '../../apps/control-plane/src/access/user-store.ts';
import { openAuditKey } from '../../apps/control-plane/src/audit/audit-key.ts';
import { AuditStore } from '../../apps/control-plane/src/audit/audit-store.ts';
import { AuditWriterStore } from '../../apps/control-plane/src/audit/audit-writer-store.ts';
import { openAudit } from '../../apps/control-plane/src/audit/open-audit.ts';
import { verifyAudit } from '../../apps/control-plane/src/audit/verify-audit.ts';
import type { Database, Orm } from '../../apps/control-plane/src/database/database.ts';
import { IdempotencyStore } from '../../apps/control-plane/src/http/idempotency-store.ts';
import { FolderSecrets } from '../../apps/control-plane/src/secrets/folder-secrets.ts';
import { DATABASE_SERVERS, type DatabaseServer } from '../support/database-servers.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';

const MINUTE = 60_000;
const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-several-'));
  folders.push(folder);
  return folder;
};
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

describe.each(DATABASE_SERVERS)('several control processes on %s', (_name, start) => {
  if (start === undefined) return it.skip('needs PostgreSQL, which is not installed', () => undefined);
  let server: DatabaseServer;
  let one: Database;
  let two: Database;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    one = await server.open();
    two = await server.again(one);
  });
  afterEach(async () => {
    await one.close();
    await two.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  describe('write one audit', () => {
    /** Signed by the same key in all of them, each with a data folder of its own. */
    async function sharedKeys(): Promise<FolderSecrets> {
      const keys = new FolderSecrets({ dataDir: newFolder() });
      await openAuditKey(keys);
      return keys;
    }
    async function verified(keys: FolderSecrets, nowMs: number) {
      const store = new AuditStore({ database: one });
      return verifyAudit({
        writers: await new AuditWriterStore({ database: one }).list(),
        records: store.all(),
        seals: store.seals(),
        publicKey: (await openAuditKey(keys)).publicKey,
        nowMs,
      });
    }
    /** Nothing passes between a process and the database any more, once it is broken. */
    class Way implements Database {
      readonly isRemote = true;
      readonly isAway = false;
      isBroken = false;
      readonly #database: Database;
      constructor(database: Database) {
        this.#database = database;
      }
      run<T>(work: (orm: Orm) => Promise<T>): Promise<T> {
        return this.isBroken ? Promise.reject(new VedetteError('unavailable')) : this.#database.run(work);
      }
      transaction<T>(work: (orm: Orm) => Promise<T>): Promise<T> {
        return this.isBroken
          ? Promise.reject(new VedetteError('unavailable'))
          : this.#database.transaction(work);
      }
      close(): Promise<void> {
        return this.#database.close();
      }
    }

    it('[R3] that verifies as a whole, whoever signed for what of it', async () => {
      const keys = await sharedKeys();
      const clocks = [new HeldClock(), new HeldClock()];
      const audits = await Promise.all(
        [one, two].map((database, i) =>
          openAudit({
            database,
            dataDir: newFolder(),
            secrets: keys,
            clock: clocks[i] ?? new HeldClock(),
            log: silentLog(),
          }),
        ),
      );
      for (let round = 0; round < 3; round += 1) {
        for (const [i, audit] of audits.entries())
          for (let n = 0; n < 20; n += 1) audit.log.append(event(`s${i}${round}${n}`));
        await Promise.all(audits.map((audit) => audit.log.settled()));
        await Promise.all(clocks.map((clock) => clock.pass(MINUTE)));
      }
      await Promise.all(audits.map((audit) => audit.close()));
      const verdict = await verified(keys, clocks[0]?.wallNow() ?? 0);
      expect(verdict).toMatchObject({ records: 120, chains: 2, unsealed: 0, undelivered: [], faults: [] });
      expect(verdict.seals).toBeGreaterThanOrEqual(2);
    });

    it('[R3] that names what a killed one has not delivered, calls it no fault, and has it when that one returns', async () => {
      const keys = await sharedKeys();
      const clock = new HeldClock();
      const open = (database: Database, dataDir: string) =>
        openAudit({ database, dataDir, secrets: keys, clock, log: silentLog() });
      const way = new Way(two);
      const folder = newFolder();
      const alive = await open(one, newFolder());
      const dying = await open(way, folder);
      dying.log.append(event('stored'));
      await dying.log.settled();
      way.isBroken = true;
      for (let n = 0; n < 5; n += 1) dying.log.append(event(`kept${n}`));
      await dying.log.settled();
      // Killed here: never closed. The other goes on and signs.
      alive.log.append(event('other'));
      await alive.log.settled();
      const meanwhile = await eventually('the killed one alone has been silent for long', async () => {
        await clock.pass(20_000);
        const verdict = await verified(keys, clock.wallNow());
        return verdict.undelivered.length === 1 && verdict;
      });
      expect(meanwhile).toMatchObject({ records: 2, faults: [], undelivered: [{ records: 0 }] });

      const back = await open(two, folder);
      const after = await verified(keys, clock.wallNow());
      expect(after).toMatchObject({ records: 7, undelivered: [], faults: [] });
      await back.close();
      await alive.close();
      expect(await verified(keys, clock.wallNow())).toMatchObject({
        undelivered: [],
        faults: [],
        unsealed: 0,
      });
    });
  });

  it('claim an Idempotency-Key for one of them, however many are asked at once', async () => {
    const stores = [one, two].map((database) => new IdempotencyStore({ database }));
    const claim = { principalId: 'p', key: 'k', requestHash: 'h', kind: 'token' };
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => stores[i % 2]?.claim(claim)));
    expect(outcomes.filter((outcome) => outcome?.outcome === 'claimed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome?.outcome === 'repeated')).toHaveLength(9);
    await stores[0]?.made(claim, 'made-by-one');
    expect(await stores[1]?.claim(claim)).toEqual({ outcome: 'repeated', id: 'made-by-one' });
    expect(await stores[1]?.claim({ ...claim, requestHash: 'other' })).toEqual({ outcome: 'other-request' });
  });

  it('refuse within five seconds whoever another has signed out, disabled, or taken the token from', async () => {
    const clock = new HeldClock(Date.now());
    const [here, there] = [one, two].map((database) => {
      const stores = {
        users: new UserStore({ database }),
        signIns: new SignInStore({ database }),
        apiTokens: new ApiTokenStore({ database }),
      };
      const authenticator = new Authenticator({
        ...stores,
        adminToken: 'the-token-of-the-administrator',
        idleMs: 60 * MINUTE,
        clock,
      });
      const accounts = new AccountService({
        ...stores,
        hasher: { hash: async () => 'hash', verify: async () => true },
        clock,
        forget: (id) => authenticator.forget(id),
      });
      return { ...stores, authenticator, accounts };
    });
    if (here === undefined || there === undefined) throw new Error('two processes');
    const now = new Date(clock.wallNow());
    const anna = await here.users.create({
      name: 'anna',
      role: 'viewer',
      tenantId: HOME_TENANT,
      grants: ALL_CAMERAS,
      passwordHash: 'hash',
      disabled: false,
    });
    await here.users.create({ ...anna, name: 'root', role: 'admin' });
    const signIn = (secret: string) =>
      here.signIns.create({
        secret,
        userId: anna.id,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + 60 * MINUTE),
        address: 'a',
        userAgent: 'b',
      });
    const first = await signIn('first');
    await signIn('second');
    const { secret, token } = await here.apiTokens.create({
      name: 't',
      role: 'viewer',
      tenantId: HOME_TENANT,
      grants: ALL_CAMERAS,
      scopes: null,
      createdBy: 'x',
      createdAt: now,
      expiresAt: null,
    });
    const known = () =>
      Promise.all([
        there.authenticator.byCookie('first'),
        there.authenticator.byCookie('second'),
        there.authenticator.byBearer(secret),
      ]).then((found) => found.map((principal) => principal?.id));
    expect(await known()).toEqual([anna.id, anna.id, token.id]);

    await here.accounts.signOut(anna.id, first.id);
    await here.accounts.removeToken(HOME_TENANT, { id: UserId.parse(token.id) });
    await clock.pass(5000);
    expect(await known()).toEqual([undefined, anna.id, undefined]);
    await here.accounts.change(HOME_TENANT, anna.id, { disabled: true });
    await clock.pass(5000);
    expect(await known()).toEqual([undefined, undefined, undefined]);
  });
});
