import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Database, Orm } from './database.ts';
import { fromDriver } from './database-error.ts';
import { MIGRATIONS_FOLDER, refuseNewer } from './migrations.ts';
import * as schema from './schema.ts';
import { syncFolder } from './sync-folder.ts';
import { SyncedFileSystem } from './synced-file-system.ts';

/** PostgreSQL's own defaults are for a server that has the machine to itself. */
const START_PARAMETERS = ['-c', 'shared_buffers=16MB'];
const DURABLE = ['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];

export type PgliteLocation =
  /** A folder of its own, made when missing. Every commit is on the disk before it is acknowledged. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Gone on close; `from` is a dump of another one. For tests. */
  | { readonly kind: 'memory'; readonly from?: Blob };

export interface PgliteDatabase extends Database {
  dump(): Promise<Blob>;
}

/** Opens and migrates. Throws NewerDatabaseError. */
export async function openPglite(location: PgliteLocation): Promise<PgliteDatabase> {
  if (location.kind === 'folder' && !existsSync(location.path)) await make(location.path);
  return open(location);
}

/** Made aside and put in place when complete: a first start that is killed leaves nothing half made. */
async function make(path: string): Promise<void> {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const database = await open({ kind: 'folder', path: unfinished });
  await database.close();
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

async function open(location: PgliteLocation): Promise<PgliteDatabase> {
  const defaults = PGlite.defaultStartParams;
  const client = await PGlite.create(
    location.kind === 'folder'
      ? {
          fs: new SyncedFileSystem(location.path),
          startParams: [...defaults.filter((flag) => flag !== '-F'), ...DURABLE, ...START_PARAMETERS],
        }
      : {
          startParams: [...defaults, ...START_PARAMETERS],
          ...(location.from === undefined ? {} : { loadDataDir: location.from }),
        },
  );
  try {
    const orm = drizzle(client, { schema });
    await refuseNewer(orm as Orm);
    await migrate(orm, { migrationsFolder: MIGRATIONS_FOLDER });
    return {
      // In this process: it is there as long as we are.
      isRemote: false,
      isAway: false,
      run: (work) => work(orm as Orm).catch(rethrow),
      transaction: (work) => orm.transaction((inner) => work(inner as Orm)).catch(rethrow),
      dump: async () => client.dumpDataDir('none'),
      close: async () => {
        if (!client.closed) await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw fromDriver(error);
  }
}

function rethrow(error: unknown): never {
  throw fromDriver(error);
}
