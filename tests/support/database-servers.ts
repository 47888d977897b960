// Both kinds of database that control can work on, each with as many databases of its own as a test wants.
import { silentLog } from '@vedette/runtime';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { openPglite, type PgliteDatabase } from '../../apps/control-plane/src/database/pglite-database.ts';
import { openPostgres } from '../../apps/control-plane/src/database/postgres-database.ts';
import { openTestDatabase } from '../../apps/control-plane/src/database/test-database.ts';
import { Postgres, postgresPrograms } from './postgres.ts';

export interface DatabaseServer {
  /** A database that nobody else uses. */
  open(): Promise<Database>;
  /** Another process's way to the same database; where there can be none, the same. */
  again(database: Database): Promise<Database>;
  /** Closes it and opens the same one again. */
  reopen(database: Database): Promise<Database>;
  close(): Promise<void>;
}

const programs = postgresPrograms();
/** With how to start each; undefined where it is not installed. */
export const DATABASE_SERVERS: readonly (readonly [string, (() => Promise<DatabaseServer>) | undefined])[] = [
  ['PGlite', startPglite],
  ['PostgreSQL', programs === undefined ? undefined : () => startPostgres(programs)],
];

async function startPglite(): Promise<DatabaseServer> {
  return {
    open: openTestDatabase,
    again: async (database) => database,
    async reopen(database) {
      const from = await (database as PgliteDatabase).dump();
      await database.close();
      return openPglite({ kind: 'memory', from });
    },
    close: async () => undefined,
  };
}

async function startPostgres(folder: string): Promise<DatabaseServer> {
  const server = await Postgres.start(folder);
  const urls = new Map<Database, string>();
  const open = async (url: string) => {
    const database = await openPostgres({ url, log: silentLog() });
    urls.set(database, url);
    return database;
  };
  return {
    open: async () => open(await server.create(`vedette_${urls.size}`)),
    again: (database) => open(urls.get(database) ?? ''),
    async reopen(database) {
      await database.close();
      return open(urls.get(database) ?? '');
    },
    close: () => server[Symbol.asyncDispose](),
  };
}
