import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../apps/control-plane/src/database/data-folder.ts';
import { openDatabase } from '../../apps/control-plane/src/database/open-database.ts';
import { ALL_AT_HOME } from '../../apps/control-plane/src/registry/camera-place.fixture.ts';
import { CameraStore } from '../../apps/control-plane/src/registry/camera-store.ts';
import { silentLog } from '../../packages/runtime/src/index.ts';
import { bound } from '../support/bound.ts';
import { giveDatabase } from '../support/ready-data-folder.ts';

const WRITER = fileURLToPath(new URL('../support/database-writer.ts', import.meta.url));
/** KILLS=50 for the long run; each takes a second or two. */
const KILLS = Number(process.env['KILLS'] ?? 8);
const MAX_WRITES = 40;

const dataDir = join(mkdtempSync(join(tmpdir(), 'vedette-kill-')), 'data');
const writers = new Set<Writer>();
afterAll(() => {
  for (const writer of writers) writer.kill('SIGKILL');
  rmSync(dirname(dataDir), { recursive: true, force: true });
});

type Writer = ChildProcessByStdio<Writable, Readable, null>;

function startWriter(folder = dataDir): Writer {
  const writer = spawn(
    ...bound(process.execPath, ['--disable-warning=ExperimentalWarning', WRITER, folder]),
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  writers.add(writer);
  return writer;
}

/** Lets the writer go on until it has acknowledged `writes` records and `afterMs` have passed, then kills it. */
async function writeAndKill(writer: Writer, acknowledged: Set<string>, writes: number, afterMs: number) {
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    writer.once('exit', (_code, signal) => resolve(signal)),
  );
  writer.stdin.write('\n');
  let left = writes;
  for await (const line of createInterface({ input: writer.stdout })) {
    if (line === 'open') continue;
    acknowledged.add(line);
    // In the middle of the next write, wherever that is by then.
    if (--left === 0) setTimeout(() => writer.kill('SIGKILL'), afterMs);
  }
  expect(await exited).toBe('SIGKILL');
  writers.delete(writer);
}

describe('[V10] kill -9 while the folder is made', () => {
  it.each([800, 1_800])('after %i ms: the next start makes it', async (afterMs) => {
    const folder = join(dataDir, '..', `first-${afterMs}`);
    const first = startWriter(folder);
    const exited = new Promise((resolve) => first.once('exit', resolve));
    first.stdin.write('\n');
    setTimeout(() => first.kill('SIGKILL'), afterMs);
    await exited;
    const acknowledged = new Set<string>();
    await writeAndKill(startWriter(folder), acknowledged, 1, 0);
    expect(acknowledged.size).toBeGreaterThan(0);
  });
});

describe('[V10] kill -9 while writing', () => {
  it(`loses no acknowledged record in ${KILLS} times, and the folder opens each time`, async () => {
    const acknowledged = new Set<string>();
    await giveDatabase(dataDir);
    let next = startWriter();
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = next;
      if (kill + 1 < KILLS) next = startWriter();
      await writeAndKill(writer, acknowledged, 1 + ((kill * 7) % MAX_WRITES), (kill % 10) / 3);
    }
    const folder = openDataFolder(dataDir);
    const database = await openDatabase({ dataDir, databaseUrl: undefined, log: silentLog() });
    const store = new CameraStore({ database });
    const found = new Set<string>();
    let after: { nameKey: string; id: string } | undefined;
    do {
      const page = await store.list({ scope: ALL_AT_HOME, limit: 500, after });
      for (const { camera } of page) found.add(camera.id);
      const last = page.at(-1);
      after = last === undefined ? undefined : { nameKey: last.nameKey, id: last.camera.id };
    } while (after !== undefined);
    await database.close();
    folder.close();
    expect(acknowledged.size).toBeGreaterThan(KILLS);
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
  }, 180_000);
});
