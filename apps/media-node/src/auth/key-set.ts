import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '@vedette/runtime';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

interface KeySetOptions {
  /** Where the last keys that control told are kept, so that a node can start with control away. */
  readonly file: string;
  readonly log: Log;
}

/** The public keys of control's media tokens: as last told, kept on disk. */
export class KeySet {
  readonly #file: string;
  readonly #log: Log;
  #text = '';
  #resolve: JWTVerifyGetKey | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: KeySetOptions) {
    this.#file = options.file;
    this.#log = options.log;
  }

  /** Takes the keys from disk; a missing or damaged file is an empty set. */
  async load(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch {
      return;
    }
    try {
      this.#use(JSON.parse(text) as JSONWebKeySet);
      this.#text = text;
    } catch (err) {
      this.#log.warn({ err }, 'the kept media token keys are not readable; waiting for control');
    }
  }

  /** Takes effect before it returns; resolves once it is on disk as well. Throws when `jwks` is no key set. */
  update(jwks: { readonly keys: readonly unknown[] }): Promise<void> {
    const text = JSON.stringify(jwks);
    if (text === this.#text) return this.#writing;
    this.#use(jwks as JSONWebKeySet);
    this.#text = text;
    this.#writing = this.#writing.then(() => this.#write(text));
    return this.#writing;
  }

  /** For jose's verify; undefined while no key is known. */
  get resolver(): JWTVerifyGetKey | undefined {
    return this.#resolve;
  }

  #use(jwks: JSONWebKeySet): void {
    this.#resolve = createLocalJWKSet(jwks);
  }

  async #write(text: string): Promise<void> {
    const temporary = `${this.#file}.new`;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#file);
    } catch (err) {
      this.#log.error({ err }, 'the media token keys could not be kept on disk');
    }
  }
}
