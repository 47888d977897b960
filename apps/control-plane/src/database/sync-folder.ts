import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes names that were added to a folder or changed in it last through a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
