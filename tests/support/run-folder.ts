// Once before all tests of a run: a folder that is the temporary folder of all of them and of what they start, so that a
// run leaves nothing behind, whatever a test forgot or was killed before.
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^vedette-run-(\d+)$/;

export default function setup(): () => void {
  const parent = tmpdir();
  for (const name of readdirSync(parent)) {
    const pid = NAME.exec(name)?.[1];
    // Of a run that was killed with -9.
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(parent, name));
  }
  const folder = join(parent, `vedette-run-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // PostgreSQL and VLC go through it as other users.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  // Ctrl-C ends vitest without a word to us.
  process.once('exit', () => remove(folder));
  return () => {
    process.env['TMPDIR'] = parent;
    remove(folder);
  };
}

function remove(folder: string): void {
  // What ends at this moment may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
