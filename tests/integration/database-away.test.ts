import { silentLog } from '@vedette/runtime';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { openPostgres } from '../../apps/control-plane/src/database/postgres-database.ts';
import { eventually } from '../support/eventually.ts';
import { Postgres, postgresPrograms } from '../support/postgres.ts';

const programs = postgresPrograms();
if (programs === undefined) console.warn('SKIPPED: PostgreSQL is not installed');

describe.skipIf(programs === undefined)('a PostgreSQL that goes away', () => {
  let server: Postgres;
  let database: Database;
  beforeAll(async () => {
    server = await Postgres.start(programs ?? '');
    database = await openPostgres({ url: await server.create('away'), log: silentLog() });
    await database.run((orm) => orm.execute(sql`create table counted (n int)`));
  });
  afterAll(async () => {
    await database.close();
    await server[Symbol.asyncDispose]();
  });

  const count = () => database.run((orm) => orm.execute(sql`select count(*)::int as n from counted`));
  const add = () =>
    database.transaction(async (orm) => {
      await orm.execute(sql`insert into counted values (1)`);
      await orm.execute(sql`select 1`);
    });
  /** How it ended, and after how many ms. */
  async function timed(work: () => Promise<unknown>) {
    const begunAt = performance.now();
    const outcome = await work().then(
      () => 'done',
      (error: unknown) => (error as { readonly code?: string }).code ?? String(error),
    );
    return { outcome, ms: performance.now() - begunAt };
  }

  it('by a stop: work is refused, then at once, and goes on when it is started again', async () => {
    await server.stop();
    await eventually('it is found to be away', async () => {
      expect((await timed(count)).outcome).toBe('unavailable');
      return database.isAway;
    });
    const refusals = await Promise.all(Array.from({ length: 1000 }, () => timed(add)));
    expect(new Set(refusals.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable']));
    expect(Math.max(...refusals.map(({ ms }) => ms))).toBeLessThan(200);
    await server.restart();
    await eventually('it is found again', () => !database.isAway);
    expect((await timed(add)).outcome).toBe('done');
  });

  it('by hanging: what was begun ends within two seconds, and leaves no lock behind when it wakes', async () => {
    await Promise.all(Array.from({ length: 10 }, count));
    server.freeze();
    try {
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => timed(i % 2 ? add : count)));
      expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable']));
      expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(2500);
      expect((await timed(count)).ms).toBeLessThan(100);
    } finally {
      server.thaw();
    }
    await eventually('it is found again', () => !database.isAway);
    const locked = await timed(() =>
      database.transaction((orm) =>
        orm.execute(sql`set local lock_timeout = '3s'; lock table counted in access exclusive mode`),
      ),
    );
    expect(locked.outcome).toBe('done');
  });

  it('by a failover that is not over: a server that takes no writes is away, until it does', async () => {
    await server.ask('alter database away set default_transaction_read_only = on');
    await server.ask("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'away'");
    await eventually('it is found to be away', async () => {
      expect((await timed(add)).outcome).toBe('unavailable');
      return database.isAway;
    });
    await server.ask('alter database away reset default_transaction_read_only');
    await eventually('it is found again', () => !database.isAway);
    expect((await timed(add)).outcome).toBe('done');
  });

  it('by work that takes long: the database is asked, found to be there, and the work goes on', async () => {
    const slow = await timed(() => database.run((orm) => orm.execute(sql`select pg_sleep(1.2)`)));
    expect(slow.outcome).toBe('done');
    expect(database.isAway).toBe(false);
  });
});
