import { createHmac } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Attempt } from './provider-client.ts';

const LIFE_S = 600;
const Kept = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() });
export type KeptAttempt = Attempt & { readonly returnTo: string };

/** What a browser carries to the provider and back: encrypted, and good for ten minutes. */
export class AttemptCookie {
  static readonly lifeSeconds = LIFE_S;
  readonly #key: Uint8Array;

  /** Every control process has the same secret, so that any of them may take the browser back. */
  constructor(options: { readonly secret: string }) {
    this.#key = createHmac('sha256', options.secret).update('sign-in through a provider').digest();
  }

  seal({ nonce, returnTo, state, verifier }: KeptAttempt): Promise<string> {
    return new EncryptJWT({ nonce, returnTo, state, verifier })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(`${LIFE_S}s`)
      .encrypt(this.#key);
  }

  /** Undefined when it is not ours, or too old. */
  async open(sealed: string): Promise<KeptAttempt | undefined> {
    try {
      const { payload } = await jwtDecrypt(sealed, this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Kept.parse(payload);
    } catch {
      return undefined;
    }
  }
}

/** Only a path of our own page: nobody is sent elsewhere by a link that begins with us. */
export function ownPath(wished: string | undefined): string {
  if (wished === undefined || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wished)) return '/';
  return wished.startsWith('/api/') ? '/' : wished;
}
