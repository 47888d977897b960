import { randomBytes } from 'node:crypto';
import { VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { open, seal } from './aes-gcm.ts';
import type { KeyProvider } from './key-provider.ts';

/** As stored: the text under a key of its own, and that key under a master key. */
const Sealed = z.strictObject({
  v: z.literal(1),
  keyId: z.string(),
  key: z.base64(),
  text: z.base64(),
});
export type Sealed = z.infer<typeof Sealed>;

/** Envelope encryption. New text is sealed by the first provider; every provider can open what it sealed. */
export class Envelope {
  readonly #providers: readonly [KeyProvider, ...KeyProvider[]];

  constructor(options: { providers: readonly [KeyProvider, ...KeyProvider[]] }) {
    this.#providers = options.providers;
  }

  /** `owner` names what the secret belongs to; it cannot be opened as that of anything else. */
  async seal(text: string, owner: string): Promise<Sealed> {
    const dataKey = randomBytes(32);
    try {
      const { keyId, wrapped } = await this.#providers[0].wrap(dataKey);
      return {
        v: 1,
        keyId,
        key: wrapped.toString('base64'),
        text: seal(dataKey, Buffer.from(text, 'utf8'), owner).toString('base64'),
      };
    } finally {
      dataKey.fill(0);
    }
  }

  /** Throws `unavailable` when it cannot be opened: another master key, another owner, or altered. */
  async open(sealed: unknown, owner: string): Promise<string> {
    const parsed = Sealed.safeParse(sealed);
    const provider = this.#providers.find((candidate) => candidate.keyId === parsed.data?.keyId);
    if (!parsed.success || provider === undefined) throw unreadable();
    const { keyId, key, text } = parsed.data;
    const dataKey = await provider.unwrap({ keyId, wrapped: Buffer.from(key, 'base64') });
    try {
      return open(dataKey, Buffer.from(text, 'base64'), owner).toString('utf8');
    } catch {
      throw unreadable();
    } finally {
      dataKey.fill(0);
    }
  }
}

function unreadable(): VedetteError {
  return new VedetteError('unavailable', {
    detail: 'The stored password cannot be decrypted: restore the master key, or enter the password again.',
  });
}
