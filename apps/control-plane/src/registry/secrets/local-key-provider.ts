import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { VedetteError } from '@vedette/runtime';
import { readOwnFile, writeOwnFile } from '../../database/own-file.ts';
import { open, seal } from './aes-gcm.ts';
import type { KeyProvider, WrappedKey } from './key-provider.ts';

const KEY_HEX = /^[0-9a-f]{64}$/i;

/** A master key in this process's memory: 32 bytes that came from the environment or a file. */
export class LocalKeyProvider implements KeyProvider {
  readonly keyId: string;
  readonly #key: Buffer;

  private constructor(hex: string) {
    this.#key = Buffer.from(hex, 'hex');
    this.keyId = createHash('sha256').update('vedette key id').update(this.#key).digest('hex').slice(0, 16);
  }

  /** The setting MASTER_KEY: 64 hexadecimal digits. */
  static fromEnvironment(hex: string): LocalKeyProvider {
    if (!KEY_HEX.test(hex)) throw new Error('MASTER_KEY must be 64 hexadecimal digits');
    return new LocalKeyProvider(hex);
  }

  /** Undefined when there is no such file. Throws when it is damaged. */
  static fromFileIfThere(path: string): LocalKeyProvider | undefined {
    const kept = readOwnFile(path)?.trim();
    if (kept === undefined) return undefined;
    if (!KEY_HEX.test(kept))
      throw new Error(`${path} is damaged: restore it; without it no camera password can be read`);
    return new LocalKeyProvider(kept);
  }

  /** `keys/master.key` of the data folder, for its owner alone; made when missing. Throws when it is damaged. */
  static fromFile(path: string): LocalKeyProvider {
    const kept = LocalKeyProvider.fromFileIfThere(path);
    if (kept !== undefined) return kept;
    const made = randomBytes(32).toString('hex');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeOwnFile(path, `${made}\n`);
    return new LocalKeyProvider(made);
  }

  async wrap(dataKey: Buffer): Promise<WrappedKey> {
    return { keyId: this.keyId, wrapped: seal(this.#key, dataKey, 'data key') };
  }

  async unwrap(key: WrappedKey): Promise<Buffer> {
    try {
      if (key.keyId === this.keyId) return open(this.#key, key.wrapped, 'data key');
    } catch {
      // said below
    }
    throw new VedetteError('unavailable', {
      detail: 'A stored password was encrypted by another master key.',
    });
  }
}
