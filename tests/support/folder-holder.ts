// A program that takes a data folder and keeps it; it prints 'won', or why not.
import { once } from 'node:events';
import { DataFolderError, openDataFolder } from '../../apps/control-plane/src/database/data-folder.ts';

await once(process.stdin, 'data');
try {
  openDataFolder(process.argv[2] ?? '');
  process.stdout.write('won\n');
  await new Promise(() => process.stdin.resume());
} catch (error) {
  process.stdout.write(`${error instanceof DataFolderError ? error.code : String(error)}\n`);
  process.exit(0);
}
