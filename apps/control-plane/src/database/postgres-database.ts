import { type Log, systemClock, VedetteError } from '@vedette/runtime';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Database, Orm } from './database.ts';
import { databaseAway, fromDriver } from './database-error.ts';
import { DatabaseWatch } from './database-watch.ts';
import { MIGRATIONS_FOLDER, refuseNewer } from './migrations.ts';
import * as schema from './schema.ts';

const CONNECTIONS = 10;
/** Who comes when so many wait for a connection is refused instead. */
const MAX_WAITING = 500;
const CONNECT_MS = 5_000;
const PROBE_CONNECT_MS = 1_000;
/** Ended by the server. */
const STATEMENT_MS = 10_000;
/** Ended by us, whatever the server does. */
const WORK_MS = 15_000;
/** Work that takes longer than this makes us ask whether the server still answers. */
const SUSPECT_MS = 500;
const MIGRATION_MS = 10 * 60_000;
/** Held while migrating, so that control processes that start together do it one after the other. */
const MIGRATION_LOCK = 0x76_65_64_65;
/** The server answers, though it takes no more connections: those that we have still work. */
const TOO_MANY_CONNECTIONS = '53300';

/** Opens a pool and migrates. Throws NewerDatabaseError, or `unavailable`. */
export async function openPostgres(options: { url: string; log: Log }): Promise<Database> {
  const { log, url } = options;
  try {
    await migrateOnce(url);
  } catch (error) {
    throw fromDriver(error);
  }
  return new PostgresDatabase({ url, log });
}

/**
 * A pool of connections to a server that may break off, hang or be replaced by another one at any moment: then all
 * work ends within two seconds with `unavailable`, and new work is refused at once until the server answers again.
 */
class PostgresDatabase implements Database {
  readonly isRemote = true;
  readonly #url: string;
  readonly #log: Log;
  readonly #watch: DatabaseWatch;
  readonly #orms = new WeakMap<pg.PoolClient, Orm>();
  #pool: pg.Pool;
  #closed: Promise<void> | undefined;

  constructor({ log, url }: { readonly url: string; readonly log: Log }) {
    this.#url = url;
    this.#log = log;
    this.#watch = new DatabaseWatch({
      probe: (signal) => probe(url, signal),
      clock: systemClock,
      random: Math.random,
      log,
    });
    this.#pool = this.#newPool();
    this.#watch.onAway(() => {
      // What is idle in it may be as dead as what is in use.
      const before = this.#pool;
      this.#pool = this.#newPool();
      void before.end();
    });
  }

  get isAway(): boolean {
    return this.#watch.isAway;
  }

  run<T>(work: (orm: Orm) => Promise<T>): Promise<T> {
    return this.#use(work);
  }

  transaction<T>(work: (orm: Orm) => Promise<T>): Promise<T> {
    return this.#use((orm) => orm.transaction((inner) => work(inner as Orm)));
  }

  close(): Promise<void> {
    // Watched until the last work has ended: a server that hangs must not hold the end up.
    this.#closed ??= this.#pool.end().finally(() => this.#watch.close());
    return this.#closed;
  }

  async #use<T>(work: (orm: Orm) => Promise<T>): Promise<T> {
    if (this.#watch.isAway || this.#pool.waitingCount >= MAX_WAITING) throw databaseAway();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = () => givenUp.reject(databaseAway());
    const stops = [
      this.#watch.onAway(giveUp),
      systemClock.after(SUSPECT_MS, () => this.#watch.suspect()),
      systemClock.after(WORK_MS, giveUp),
    ];
    try {
      const client = await this.#connect(givenUp.promise);
      return await this.#useClient(client, work, givenUp.promise);
    } catch (thrown) {
      const error = fromDriver(thrown);
      if (isAwayError(error)) this.#watch.suspect();
      throw error;
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #connect(givenUp: Promise<never>): Promise<pg.PoolClient> {
    const connecting = this.#pool.connect();
    try {
      return await Promise.race([connecting, givenUp]);
    } catch (error) {
      // It may still come, for nobody.
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
      throw error;
    }
  }

  async #useClient<T>(
    client: pg.PoolClient,
    work: (orm: Orm) => Promise<T>,
    givenUp: Promise<never>,
  ): Promise<T> {
    // The work hears of a connection that breaks; without a listener it would end the process.
    const ignore = () => undefined;
    client.on('error', ignore);
    let doubtful = false;
    try {
      return await Promise.race([work(this.#ormOf(client)), givenUp]);
    } catch (thrown) {
      // Closed rather than given back: the server ends with it what was begun, and nobody is given an open transaction.
      doubtful = isAwayError(fromDriver(thrown));
      throw thrown;
    } finally {
      client.off('error', ignore);
      client.release(doubtful);
    }
  }

  #newPool(): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.#url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      keepAlive: true,
      application_name: 'vedette',
    });
    // An idle connection that breaks is replaced by the next work; without a listener it would end the process.
    pool.on('error', (error) => {
      this.#log.warn({ err: fromDriver(error) }, 'database connection lost');
      this.#watch.suspect();
    });
    return pool;
  }

  /** Drizzle goes through the whole schema for each. */
  #ormOf(client: pg.PoolClient): Orm {
    let orm = this.#orms.get(client);
    if (orm === undefined) {
      orm = drizzle(client, { schema }) as Orm;
      this.#orms.set(client, orm);
    }
    return orm;
  }
}

function isAwayError(error: unknown): boolean {
  return error instanceof VedetteError && error.code === 'unavailable';
}

/** A standby that has not taken over yet answers, but takes no writes. */
async function probe(url: string, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_CONNECT_MS,
    application_name: 'vedette-probe',
  });
  client.on('error', () => undefined);
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const asking = (async () => {
    await client.connect();
    const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only');
    if (rows[0]?.transaction_read_only === 'on') throw new Error('the database takes no writes');
  })();
  try {
    await Promise.race([asking, aborted.promise]);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== TOO_MANY_CONNECTIONS) throw fromDriver(error);
  } finally {
    signal.removeEventListener('abort', abort);
    void client.end().catch(() => undefined);
  }
}

async function migrateOnce(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: MIGRATION_MS,
    application_name: 'vedette-migration',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = drizzle(client, { schema });
    await refuseNewer(orm as Orm);
    await migrate(orm, { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    // The lock goes with it.
    await client.end().catch(() => undefined);
  }
}
