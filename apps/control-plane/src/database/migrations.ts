import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Orm } from './database.ts';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Raised when the database is too far ahead of this version; nothing in it has been changed. */
export class NewerDatabaseError extends Error {
  constructor() {
    super('The database was written by a newer version of Vedette. Start that version, or use another one.');
    this.name = 'NewerDatabaseError';
  }
}

/**
 * During an upgrade, processes of two versions work on one database: every migration leaves what the version before it
 * reads and writes as it was, and a version brings one at most (docs/decisions/0014).
 */
const MAY_BE_AHEAD = 1;

/** Throws NewerDatabaseError when the database knows more than one migration that this version does not. */
export async function refuseNewer(orm: Orm): Promise<void> {
  const newestOfOurs = Math.max(
    ...readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map((migration) => migration.folderMillis),
  );
  const table = await orm.execute(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  );
  if (rowsOf(table)[0]?.['there'] !== true) return;
  const newer = await orm.execute(
    sql`select count(*)::int as n from drizzle.__drizzle_migrations where created_at > ${newestOfOurs}`,
  );
  if (Number(rowsOf(newer)[0]?.['n'] ?? 0) > MAY_BE_AHEAD) throw new NewerDatabaseError();
}

/** Both drivers answer `{ rows }` to a raw query, which the shared type does not say. */
function rowsOf(result: unknown): readonly Record<string, unknown>[] {
  return (result as { rows: Record<string, unknown>[] }).rows;
}
