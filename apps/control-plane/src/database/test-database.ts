import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { MIGRATIONS_FOLDER } from './migrations.ts';
import { openPglite } from './pglite-database.ts';

/**
 * For tests: an empty, migrated database in memory. Making one takes seconds, loading a copy a third of
 * one, so that the first is kept in the machine's temporary folder under the hash of the migrations.
 */
export async function openTestDatabase(): Promise<Database> {
  const hash = createHash('sha256').update(process.version).update(String(process.getuid?.()));
  for (const file of readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith('.sql')))
    hash.update(readFileSync(join(MIGRATIONS_FOLDER, file)));
  const path = join(tmpdir(), `vedette-test-database-${hash.digest('hex').slice(0, 16)}.tar`);
  if (!existsSync(path)) {
    const template = await openPglite({ kind: 'memory' });
    const dump = await template.dump();
    await template.close();
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 });
    renameSync(unfinished, path);
  }
  return openPglite({ kind: 'memory', from: new Blob([readFileSync(path)]) });
}
