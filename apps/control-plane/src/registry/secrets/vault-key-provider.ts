import { createHash } from 'node:crypto';
import { VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import type { KeyProvider, WrappedKey } from './key-provider.ts';

const WITHIN_MS = 5000;
const ATTEMPTS = 2;
const Encrypted = z.object({ data: z.object({ ciphertext: z.string().startsWith('vault:') }) });
const Decrypted = z.object({ data: z.object({ plaintext: z.base64() }) });

export interface VaultOptions {
  /** `https://vault.example:8200`; the transit engine is mounted at `transit`. */
  readonly address: string;
  readonly token: string;
  /** Name of the key in the transit engine. */
  readonly key: string;
  /** Of Vault Enterprise and OpenBao. */
  readonly namespace?: string | undefined;
}

/**
 * A master key that never leaves a vault: HashiCorp Vault or OpenBao, transit secrets engine,
 * https://openbao.org/api-docs/secret/transit/. The vault rotates that key by itself; what an older version of it has
 * wrapped stays readable.
 */
export class VaultKeyProvider implements KeyProvider {
  readonly keyId: string;
  readonly #options: VaultOptions;

  constructor(options: VaultOptions) {
    this.#options = options;
    const name = JSON.stringify([options.address, options.namespace ?? '', options.key]);
    this.keyId = `vault-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  }

  async wrap(dataKey: Buffer): Promise<WrappedKey> {
    const answer = await this.#ask('encrypt', { plaintext: dataKey.toString('base64') });
    const { data } = this.#read(Encrypted, answer);
    return { keyId: this.keyId, wrapped: Buffer.from(data.ciphertext, 'utf8') };
  }

  async unwrap(key: WrappedKey): Promise<Buffer> {
    const answer = await this.#ask('decrypt', { ciphertext: key.wrapped.toString('utf8') });
    return Buffer.from(this.#read(Decrypted, answer).data.plaintext, 'base64');
  }

  #read<T>(schema: z.ZodType<T>, answer: unknown): T {
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw away('answered something else than it should');
    return parsed.data;
  }

  /** Once more where the vault did not answer, or is sealed for a moment; never where it refuses. */
  async #ask(what: 'encrypt' | 'decrypt', body: object): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#askOnce(what, body);
      } catch (error) {
        if (!(error instanceof VaultAway) || attempt === ATTEMPTS) throw asProblem(error);
      }
    }
  }

  async #askOnce(what: string, body: object): Promise<unknown> {
    const { address, key, namespace, token } = this.#options;
    let answer: Response;
    try {
      answer = await fetch(new URL(`/v1/transit/${what}/${encodeURIComponent(key)}`, address), {
        method: 'POST',
        redirect: 'error',
        headers: {
          'content-type': 'application/json',
          'x-vault-token': token,
          ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(WITHIN_MS),
      });
    } catch (error) {
      throw new VaultAway('cannot be reached', { cause: error });
    }
    if (answer.ok) return answer.json().catch(() => undefined);
    await answer.body?.cancel();
    if (answer.status >= 500) throw new VaultAway(`answered ${answer.status}: it may be sealed`);
    if (answer.status === 403) throw away('does not accept the token, or the token may not use the key');
    throw away(`answered ${answer.status}: is the transit engine mounted, and does the key exist?`);
  }
}

class VaultAway extends Error {}

function asProblem(error: unknown): VedetteError {
  if (error instanceof VedetteError) return error;
  return away(error instanceof VaultAway ? error.message : 'cannot be used');
}

/** What the vault itself says is not repeated: it may quote what it was sent. */
function away(what: string): VedetteError {
  return new VedetteError('unavailable', {
    detail: `The vault that keeps the master key ${what}.`,
    retryAfterSeconds: 5,
  });
}
