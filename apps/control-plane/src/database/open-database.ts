import { join } from 'node:path';
import type { Log } from '@vedette/runtime';
import type { Database } from './database.ts';
import { openPglite } from './pglite-database.ts';
import { openPostgres } from './postgres-database.ts';

/** PostgreSQL when `databaseUrl` is given, otherwise PGlite in the data folder, which the caller holds locked. */
export function openDatabase(options: {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly log: Log;
}): Promise<Database> {
  if (options.databaseUrl !== undefined) return openPostgres({ url: options.databaseUrl, log: options.log });
  return openPglite({ kind: 'folder', path: join(options.dataDir, 'database') });
}
