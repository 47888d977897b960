import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Orm } from './database.ts';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Raised when the database was migrated by a newer version; nothing in it has been changed. */
export class NewerDatabaseError extends Error {
  constructor() {
    super('The database was written by a newer version of Vedette. Start that version, or use another one.');
    this.name = 'NewerDatabaseError';
  }
}

/** Throws NewerDatabaseError when the database knows a migration that this version does not. */
export async function refuseNewer(orm: Orm): Promise<void> {
  const newestOfOurs = Math.max(
    ...readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map((migration) => migration.folderMillis),
  );
  const table = await orm.execute(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  );
  if (rowsOf(table)[0]?.['there'] !== true) return;
  const newest = await orm.execute(sql`select max(created_at)::text as at from drizzle.__drizzle_migrations`);
  if (Number(rowsOf(newest)[0]?.['at'] ?? 0) > newestOfOurs) throw new NewerDatabaseError();
}

/** Both drivers answer `{ rows }` to a raw query, which the shared type does not say. */
function rowsOf(result: unknown): readonly Record<string, unknown>[] {
  return (result as { rows: Record<string, unknown>[] }).rows;
}
