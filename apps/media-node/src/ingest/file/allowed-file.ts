import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { SourceError } from '../source-error.ts';

/** An open file, and how FFmpeg reaches that very file, whatever happens to its name meanwhile. */
export interface AllowedFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly address: string;
  /** Of what it must open to read it. */
  readonly protocols: string;
}

/** The number under which a job finds a file that was opened for it. */
const JOB_DESCRIPTOR = 4;

/**
 * Opens a regular file inside one of the folders, symbolic links followed to where they lead.
 * @throws SourceError `source_not_found`, `source_not_allowed`
 */
export async function openAllowedFile(file: string, folders: readonly string[]): Promise<AllowedFile> {
  if (folders.length === 0)
    throw new SourceError('source_not_allowed', 'open', 'This node plays no files: FILE_FOLDERS is empty.');
  // By its words alone, so that the answer does not tell what exists elsewhere.
  if (file.includes('\0') || isAbsolute(file) || !isInside(join('/', 'in', file), '/in')) throw outside();
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    if (root === undefined) continue;
    const path = await realpath(join(root, file)).catch(() => undefined);
    if (path === undefined) continue;
    if (!isInside(path, root)) throw outside();
    return openInside(path, root);
  }
  throw new SourceError('source_not_found', 'open', 'There is no such file in the folders of this node.');
}

async function openInside(path: string, root: string): Promise<AllowedFile> {
  // Without waiting: a named pipe would hold us up for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const handle = await open(path, flags).catch(() => undefined);
  if (handle === undefined)
    throw new SourceError('source_not_found', 'open', 'The file cannot be opened by this node.');
  try {
    if (!(await handle.stat()).isFile())
      throw new SourceError('source_not_allowed', 'open', 'The source is not a regular file.');
    // A folder on the way may have been exchanged since its path was resolved: Linux tells what was opened.
    const opened = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => path);
    if (!isInside(opened, root)) throw outside();
  } catch (error) {
    await handle.close();
    throw error;
  }
  const known = process.platform === 'linux' ? `/proc/self/fd/${JOB_DESCRIPTOR}` : path;
  return {
    handle,
    address: `file:${known}`,
    protocols: 'file',
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(): SourceError {
  return new SourceError(
    'source_not_allowed',
    'open',
    'The file is outside the folders that FILE_FOLDERS allows.',
  );
}
