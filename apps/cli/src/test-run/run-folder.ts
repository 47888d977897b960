import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^vedette-run-(\d+)$/;

/**
 * Makes the temporary folder of this process and of all that it starts, named after its process id, and removes those of
 * processes that are gone.
 */
export function makeRunFolder(): { readonly path: string; remove(): void } {
  const parent = tmpdir();
  for (const name of readdirSync(parent)) {
    const pid = NAME.exec(name)?.[1];
    // Of a run that was killed with -9.
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(parent, name));
  }
  const path = join(parent, `vedette-run-${process.pid}`);
  mkdirSync(path, { recursive: true });
  // PostgreSQL and VLC go through it as other users.
  chmodSync(path, 0o711);
  return { path, remove: () => remove(path) };
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
