import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newSecret } from '@vedette/runtime';
import type { JWK } from 'jose';
import { readOwnFile, writeOwnFile } from '../database/own-file.ts';
import type { KeptSecrets } from './kept-secrets.ts';

/** Files that only the owner of the process may read, in a data folder that this process has for itself. */
export class FolderSecrets implements KeptSecrets {
  readonly #dataDir: string;

  constructor(options: { readonly dataDir: string }) {
    this.#dataDir = options.dataDir;
  }

  async token(name: string, make = newSecret): Promise<string> {
    const kept = this.readToken(name);
    if (kept !== undefined) return kept;
    const made = make();
    this.writeToken(name, made);
    return made;
  }

  async signingKey(name: string, make: () => Promise<JWK>): Promise<JWK> {
    const kept = this.readKey(name);
    if (kept !== undefined) return kept;
    const made = await make();
    const file = this.#keyFile(name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeOwnFile(file, JSON.stringify(made));
    return made;
  }

  /** Undefined when there is none. */
  readToken(name: string): string | undefined {
    const kept = readOwnFile(join(this.#dataDir, name))?.trim();
    return kept === '' ? undefined : kept;
  }

  writeToken(name: string, token: string): void {
    writeOwnFile(join(this.#dataDir, name), `${token}\n`);
  }

  /** Undefined when there is none. Throws when it is damaged: a new one would end every view. */
  readKey(name: string): JWK | undefined {
    const file = this.#keyFile(name);
    const text = readOwnFile(file);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as JWK;
    } catch {
      // The parser's message quotes what it read.
      throw new Error(`${file} is damaged: restore it, or remove it to have a new key made`);
    }
  }

  #keyFile(name: string): string {
    return join(this.#dataDir, 'keys', `${name}.json`);
  }
}
