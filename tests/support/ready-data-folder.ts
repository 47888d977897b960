import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabaseFile } from '../../apps/control-plane/src/database/test-database.ts';

/** Gives a data folder an empty database, whose making takes most of a first start: five seconds of a core. */
export async function giveDatabase(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'database');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  execFileSync('tar', ['-xf', await testDatabaseFile(), '-C', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
