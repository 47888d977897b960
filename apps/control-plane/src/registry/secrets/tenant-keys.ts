// Enters: a tenant, a version. Leaves: that data key in clear, for as long as it is needed.
// Not its job: sealing with it (envelope.ts), and what is sealed by which (rotation.ts).
import { randomBytes } from 'node:crypto';
import type { TenantId } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { KeyProvider } from './key-provider.ts';
import type { KeptKey, TenantKeyStore } from './tenant-key-store.ts';

interface Open {
  readonly version: number;
  readonly key: Buffer;
  readonly until: number;
}

/** A vault is not asked at every start, and a key does not lie in memory for ever. */
const REMEMBER_MS = 5 * 60_000;
/** What another process has rotated is used for sealing this soon. */
const NEWEST_MS = 2000;

export class TenantKeys {
  readonly #store: Pick<TenantKeyStore, 'add' | 'get' | 'list' | 'newest' | 'rewrap'>;
  readonly #providers: readonly [KeyProvider, ...KeyProvider[]];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #open = new Map<string, Open>();
  readonly #newest = new Map<TenantId, { readonly version: number; readonly until: number }>();
  readonly #opening = new Map<string, Promise<Buffer>>();

  constructor(options: {
    readonly store: Pick<TenantKeyStore, 'add' | 'get' | 'list' | 'newest' | 'rewrap'>;
    /** The first wraps; every one can unwrap what it has wrapped. */
    readonly providers: readonly [KeyProvider, ...KeyProvider[]];
    readonly clock: Pick<Clock, 'now'>;
  }) {
    this.#store = options.store;
    this.#providers = options.providers;
    this.#clock = options.clock;
  }

  /** A copy of the key that seals now, which the caller wipes; made where the tenant has none. Throws `unavailable`. */
  async current(tenantId: TenantId): Promise<{ readonly version: number; readonly key: Buffer }> {
    const known = this.#newest.get(tenantId);
    if (known !== undefined && known.until > this.#clock.now())
      return { version: known.version, key: await this.byVersion(tenantId, known.version) };
    const kept = (await this.#store.newest(tenantId)) ?? (await this.#make(tenantId, 1));
    this.#newest.set(tenantId, { version: kept.version, until: this.#clock.now() + NEWEST_MS });
    return { version: kept.version, key: await this.byVersion(tenantId, kept.version) };
  }

  /** A copy, which the caller wipes. Throws `unavailable` when there is no such key, or no master key at hand opens it. */
  async byVersion(tenantId: TenantId, version: number): Promise<Buffer> {
    this.#forgetOld();
    const name = `${tenantId} ${version}`;
    const open = this.#open.get(name);
    if (open !== undefined) return Buffer.from(open.key);
    let opening = this.#opening.get(name);
    if (opening === undefined) {
      opening = this.#unwrap(tenantId, version).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
    }
    const key = await opening;
    if (!this.#open.has(name)) this.#open.set(name, { version, key, until: this.#clock.now() + REMEMBER_MS });
    return Buffer.from(key);
  }

  /** From now on a new key seals. */
  async rotate(tenantId: TenantId): Promise<KeptKey> {
    const before = await this.#store.newest(tenantId);
    const kept = await this.#make(tenantId, (before?.version ?? 0) + 1);
    this.#newest.delete(tenantId);
    return kept;
  }

  /** Wraps every data key by the first master key; the others are then not needed any more. Answers how many. */
  async rewrapAll(): Promise<number> {
    const [first] = this.#providers;
    let count = 0;
    for (const kept of await this.#store.list()) {
      if (kept.keyId === first.keyId) continue;
      const key = await this.byVersion(kept.tenantId, kept.version);
      const { keyId, wrapped } = await first.wrap(key).finally(() => key.fill(0));
      await this.#store.rewrap({ ...kept, keyId, wrapped: wrapped.toString('base64') });
      count += 1;
    }
    return count;
  }

  close(): void {
    for (const { key } of this.#open.values()) key.fill(0);
    this.#open.clear();
  }

  async #make(tenantId: TenantId, version: number): Promise<KeptKey> {
    const key = randomBytes(32);
    try {
      const { keyId, wrapped } = await this.#providers[0].wrap(key);
      await this.#store.add({ tenantId, version, keyId, wrapped: wrapped.toString('base64') });
    } finally {
      key.fill(0);
    }
    // Of two processes that make one at once, the first to store it counts for both.
    const kept = await this.#store.get(tenantId, version);
    if (kept === undefined) throw unreadable();
    return kept;
  }

  async #unwrap(tenantId: TenantId, version: number): Promise<Buffer> {
    const kept = await this.#store.get(tenantId, version);
    const provider = this.#providers.find(({ keyId }) => keyId === kept?.keyId);
    if (kept === undefined || provider === undefined) throw unreadable();
    return provider.unwrap({ keyId: kept.keyId, wrapped: Buffer.from(kept.wrapped, 'base64') });
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [name, { key, until }] of this.#open) {
      if (until > now) continue;
      this.#open.delete(name);
      key.fill(0);
    }
  }
}

function unreadable(): VedetteError {
  return new VedetteError('unavailable', {
    detail: 'The key of stored secrets cannot be opened: restore the master key, or enter the secrets again.',
  });
}
