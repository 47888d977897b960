import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Options that nobody may read in a process list, in an open file that has no name any more. */
export interface SecretOptions extends AsyncDisposable {
  readonly fileDescriptor: number;
  /** For FFmpeg, among the options of its output. */
  readonly args: readonly string[];
}

/** Number of the descriptor in the job. */
const JOB_DESCRIPTOR = 4;

/** @throws TypeError when a value cannot stand on one line */
export async function secretOptions(options: Readonly<Record<string, string>>): Promise<SecretOptions> {
  const lines = Object.entries(options).map(([name, value]) => {
    if (/[\r\n\0]/.test(value)) throw new TypeError(`${name} has more than one line`);
    return `${name}=${value}\n`;
  });
  const folder = await mkdtemp(join(tmpdir(), 'vedette-'));
  const path = join(folder, 'options');
  const handle = await open(path, 'wx+', 0o600);
  await handle.writeFile(lines.join(''));
  // Linux reaches it by its descriptor; elsewhere it keeps its name until the job is over, for us alone to read.
  const isNameless = process.platform === 'linux';
  if (isNameless) await rm(folder, { recursive: true });
  return {
    fileDescriptor: handle.fd,
    args: ['-fpre', isNameless ? `/proc/self/fd/${JOB_DESCRIPTOR}` : path],
    [Symbol.asyncDispose]: async () => {
      await handle.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
