import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { writeOwnFile } from './own-file.ts';

/** Grows when an older version could not live with what a newer one keeps in the folder. */
export const DATA_FORMAT = 1;
const Version = z.object({ format: z.int().min(1) });
const Holder = z.object({ pid: z.int() });

/** The folder may not be used; nothing in it has been changed. */
export class DataFolderError extends Error {
  readonly code: 'newer_version' | 'in_use' | 'not_usable';
  constructor(code: DataFolderError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataFolderError';
    this.code = code;
  }
}

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Gives the folder free; the operating system does so when the process ends in any way. */
  close(): void;
}

/**
 * Takes the folder for this process alone, making it (mode 0700) when missing. Of two starts at once,
 * one wins. Throws DataFolderError.
 */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DataFolderError('not_usable', `The data folder ${path} cannot be made.`, cause);
  }
  refuseNewerFormat(path);
  const lock = takeLock(path);
  try {
    // Again under the lock: another instance may have come and gone in between.
    refuseNewerFormat(path);
    writeOwnFile(join(path, 'version.json'), `${JSON.stringify({ format: DATA_FORMAT })}\n`);
    writeOwnFile(join(path, 'holder.json'), `${JSON.stringify({ pid: process.pid })}\n`);
  } catch (cause) {
    lock.close();
    if (cause instanceof DataFolderError) throw cause;
    throw new DataFolderError('not_usable', `The data folder ${path} cannot be written to.`, cause);
  }
  let open = true;
  return {
    path,
    close() {
      if (open) lock.close();
      open = false;
    },
  };
}

function refuseNewerFormat(path: string): void {
  const file = join(path, 'version.json');
  if (!existsSync(file)) return;
  const parsed = Version.safeParse(readJson(file));
  if (!parsed.success)
    throw new DataFolderError('not_usable', `${file} is not what Vedette writes; is this a data folder?`);
  if (parsed.data.format > DATA_FORMAT) {
    throw new DataFolderError(
      'newer_version',
      `The data folder ${path} was written by a newer version of Vedette (format ${parsed.data.format}, this one knows ${DATA_FORMAT}). Start that version, or use another folder.`,
    );
  }
}

/**
 * SQLite holds a lock of the kernel on the file: taken atomically, seen across containers that share the
 * folder, and gone the moment its process is, however it ended. Nothing is ever stored in that file.
 */
function takeLock(path: string): DatabaseSync {
  const file = join(path, 'lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    chmodSync(file, 0o600);
    lock.exec('pragma busy_timeout = 0; pragma journal_mode = off; begin exclusive');
    return lock;
  } catch (cause) {
    lock?.close();
    if (!/locked/i.test(String(cause)))
      throw new DataFolderError('not_usable', `The data folder ${path} cannot be locked.`, cause);
    const holder = Holder.safeParse(readJson(join(path, 'holder.json')));
    const who = holder.success ? ` (process ${holder.data.pid})` : '';
    throw new DataFolderError(
      'in_use',
      `The data folder ${path} is in use by a running instance${who}. Stop that one, or use another folder.`,
    );
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
