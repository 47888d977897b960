import { join } from 'node:path';
import { newSecret } from '@vedette/runtime';
import { readOwnFile, writeOwnFile } from '../database/own-file.ts';

/** A secret of the data folder, such as `admin-token`: as given, else as kept, else generated and kept. */
export function keptToken(options: {
  readonly dataDir: string;
  readonly file: string;
  readonly given: string | undefined;
}): string {
  if (options.given !== undefined) return options.given;
  const path = join(options.dataDir, options.file);
  const kept = readOwnFile(path)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const token = newSecret();
  writeOwnFile(path, `${token}\n`);
  return token;
}
