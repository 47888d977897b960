import { TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { open, seal } from './aes-gcm.ts';
import type { KeyProvider } from './key-provider.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** As stored: the text under a data key of the tenant. */
const Sealed = z.strictObject({
  v: z.literal(2),
  tenantId: TenantId,
  keyVersion: z.int(),
  text: z.base64(),
});
export type Sealed = z.infer<typeof Sealed>;
/** Seals for one tenant until it is disposed of. */
export interface Sealer extends Disposable {
  /** `owner` names what the secret belongs to; it cannot be opened as that of anything else. */
  seal(text: string, owner: string): Sealed;
}
/** As earlier versions stored: under a key of its own, and that key under a master key. */
const SealedAlone = z.strictObject({
  v: z.literal(1),
  keyId: z.string(),
  key: z.base64(),
  text: z.base64(),
});

/** Envelope encryption, AES-256-GCM: a data key a tenant, wrapped by a master key that is elsewhere. */
export class Envelope {
  readonly #keys: Pick<TenantKeys, 'current' | 'byVersion'>;
  readonly #providers: readonly KeyProvider[];

  constructor(options: {
    readonly keys: Pick<TenantKeys, 'current' | 'byVersion'>;
    /** For what earlier versions have sealed. */
    readonly providers: readonly KeyProvider[];
  }) {
    this.#keys = options.keys;
    this.#providers = options.providers;
  }

  /** The key at hand, so that sealing asks no database: inside a transaction that would wait for itself. Throws `unavailable`. */
  async sealer(tenantId: TenantId): Promise<Sealer> {
    const { key, version } = await this.#keys.current(tenantId);
    return {
      seal(text, owner) {
        const sealed = seal(key, Buffer.from(text, 'utf8'), boundTo(tenantId, owner));
        return { v: 2, tenantId, keyVersion: version, text: sealed.toString('base64') };
      },
      [Symbol.dispose]: () => void key.fill(0),
    };
  }

  /** The same for one secret. */
  async seal(tenantId: TenantId, text: string, owner: string): Promise<Sealed> {
    using sealer = await this.sealer(tenantId);
    return sealer.seal(text, owner);
  }

  /** Throws `unavailable` when it cannot be opened: another master key, another owner, or altered. */
  async open(sealed: unknown, owner: string): Promise<string> {
    const parsed = Sealed.safeParse(sealed);
    if (!parsed.success) return this.#openAlone(sealed, owner);
    const { keyVersion, tenantId, text } = parsed.data;
    const key = await this.#keys.byVersion(tenantId, keyVersion);
    return openText(key, text, boundTo(tenantId, owner));
  }

  /** Whether a newer key should seal it. */
  isOld(sealed: unknown, tenantId: TenantId, newest: number): boolean {
    const parsed = Sealed.safeParse(sealed);
    return !parsed.success || parsed.data.tenantId !== tenantId || parsed.data.keyVersion < newest;
  }

  async #openAlone(sealed: unknown, owner: string): Promise<string> {
    const parsed = SealedAlone.safeParse(sealed);
    const provider = this.#providers.find((candidate) => candidate.keyId === parsed.data?.keyId);
    if (!parsed.success || provider === undefined) throw unreadable();
    const { key, keyId, text } = parsed.data;
    const dataKey = await provider.unwrap({ keyId, wrapped: Buffer.from(key, 'base64') });
    return openText(dataKey, text, owner);
  }
}

function boundTo(tenantId: TenantId, owner: string): string {
  return `${owner} of tenant ${tenantId}`;
}

/** Wipes the key. */
function openText(key: Buffer, text: string, bound: string): string {
  try {
    return open(key, Buffer.from(text, 'base64'), bound).toString('utf8');
  } catch {
    throw unreadable();
  } finally {
    key.fill(0);
  }
}

function unreadable(): VedetteError {
  return new VedetteError('unavailable', {
    detail: 'The stored password cannot be decrypted: restore the master key, or enter the password again.',
  });
}
