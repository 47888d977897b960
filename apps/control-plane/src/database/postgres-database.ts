import type { Log } from '@vedette/runtime';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Database, Orm } from './database.ts';
import { fromDriver } from './database-error.ts';
import { MIGRATIONS_FOLDER, refuseNewer } from './migrations.ts';
import * as schema from './schema.ts';

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
/** Held while migrating, so that control processes that start together do it one after the other. */
const MIGRATION_LOCK = 0x76_65_64_65;

/** Opens a pool and migrates. Throws NewerDatabaseError, or `unavailable`. */
export async function openPostgres(options: { url: string; log: Log }): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    application_name: 'vedette',
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: fromDriver(error) }, 'database connection lost'));
  try {
    await migrateOnce(pool);
  } catch (error) {
    await pool.end();
    throw fromDriver(error);
  }
  const orm = drizzle(pool, { schema });
  let closed: Promise<void> | undefined;
  return {
    run: (work) => work(orm as Orm).catch(rethrow),
    transaction: (work) => orm.transaction((inner) => work(inner as Orm)).catch(rethrow),
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}

async function migrateOnce(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = drizzle(client, { schema });
    await refuseNewer(orm as Orm);
    await migrate(orm, { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    // Closed rather than given back: it takes the lock and the setting with it.
    client.release(true);
  }
}

function rethrow(error: unknown): never {
  throw fromDriver(error);
}
