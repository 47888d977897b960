import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.ts';
import { MIGRATIONS_FOLDER } from './migrations.ts';
import { openPglite } from './pglite-database.ts';

/** Outside the temporary folder of a run, which ends with the run. */
const KEPT_IN = fileURLToPath(new URL('../../../../node_modules/.cache/vedette/', import.meta.url));
const NAME = 'test-database-';

/** For tests: an empty, migrated database in memory. Making one takes seconds, loading a copy a third of one. */
export async function openTestDatabase(): Promise<Database> {
  return openPglite({ kind: 'memory', from: new Blob([readFileSync(await testDatabaseFile())]) });
}

/** For tests: the files of an empty, migrated database as a tar file, made once for these migrations. */
export async function testDatabaseFile(): Promise<string> {
  const hash = createHash('sha256').update(process.version).update(String(process.getuid?.()));
  for (const file of readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith('.sql')))
    hash.update(readFileSync(join(MIGRATIONS_FOLDER, file)));
  const path = join(KEPT_IN, `${NAME}${hash.digest('hex').slice(0, 16)}.tar`);
  if (existsSync(path)) return path;
  const template = await openPglite({ kind: 'memory' });
  const dump = await template.dump();
  await template.close();
  mkdirSync(KEPT_IN, { recursive: true });
  // Of migrations that were; who reads one at this moment has it open.
  for (const old of readdirSync(KEPT_IN).filter((name) => name.startsWith(NAME) && name.endsWith('.tar')))
    rmSync(join(KEPT_IN, old), { force: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 });
  renameSync(unfinished, path);
  return path;
}
