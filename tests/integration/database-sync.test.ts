import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, it, vi } from 'vitest';
import { openPglite } from '../../apps/control-plane/src/database/pglite-database.ts';

const synced = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('node:fs'), async (original) => {
  const fs = await original();
  return {
    ...fs,
    fsyncSync: (descriptor: number) => {
      synced.count++;
      fs.fsyncSync(descriptor);
    },
  };
});

it('[V10] a write is on the disk, not only with the operating system, before it is acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-sync-'));
  const database = await openPglite({ kind: 'folder', path: join(folder, 'database') });
  for (let write = 0; write < 10; write++) {
    const before = synced.count;
    await database.run((orm) =>
      orm.execute(sql`insert into idempotency_keys values ('p', ${String(write)}, 'h', 'c', now())`),
    );
    expect(synced.count).toBeGreaterThan(before);
  }
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});
