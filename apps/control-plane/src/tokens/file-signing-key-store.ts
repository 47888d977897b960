import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JWK } from 'jose';
import type { SigningKeyStore } from './signing-key-store.ts';

/** A file that only the owner of the process may read. */
export class FileSigningKeyStore implements SigningKeyStore {
  readonly #file: string;

  constructor(options: { readonly file: string }) {
    this.#file = options.file;
  }

  async load(): Promise<JWK | undefined> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`${this.#file} cannot be read`, { cause });
    }
    try {
      return JSON.parse(text) as JWK;
    } catch {
      // The parser's message quotes what it read.
      throw new Error(`${this.#file} is damaged: restore it, or remove it to end all views`);
    }
  }

  async save(key: JWK): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.new`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(key));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file);
  }
}
