// Enters: the wish that nothing be sealed by old keys any more. Leaves: a new data key a tenant, everything sealed by it,
// and the old keys gone. Reads go on meanwhile; interrupted, it goes on where it was when it is asked again.
import type { KeyRotation, TenantId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { TenantKeyStore } from './tenant-key-store.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** Something that keeps sealed values. */
export interface SealedShelf {
  /** Values of a tenant that an older key than this has sealed. */
  countOld(tenantId: TenantId, newest: number): Promise<number>;
  /** Seals some of them again, each as it is at that moment; answers 0 when there is none left that can be opened. */
  resealSome(tenantId: TenantId, newest: number): Promise<number>;
}

interface KeyRotatorOptions {
  readonly keys: Pick<TenantKeys, 'rotate' | 'rewrapAll'>;
  readonly store: Pick<TenantKeyStore, 'list' | 'newest' | 'removeBefore'>;
  readonly shelves: readonly SealedShelf[];
  readonly tenants: () => Promise<readonly TenantId[]>;
  readonly log: Log;
}

export class KeyRotator {
  readonly #options: KeyRotatorOptions;
  #running: Promise<void> | undefined;
  #closed = false;
  #failure: string | null = null;

  constructor(options: KeyRotatorOptions) {
    this.#options = options;
  }

  /** Makes the new keys and answers; the rest goes on in the background. While one is under way, does nothing more. */
  async rotate(): Promise<KeyRotation> {
    if (this.#running === undefined) {
      const { keys, tenants } = this.#options;
      for (const tenantId of await tenants()) await keys.rotate(tenantId);
      this.#begin();
    }
    return this.state();
  }

  /** Goes on with what an earlier process has left unfinished. */
  async resume(): Promise<void> {
    const kept = await this.#options.store.list();
    const isUnfinished = new Set(kept.map(({ tenantId }) => tenantId)).size < kept.length;
    if (isUnfinished) this.#begin();
  }

  async state(): Promise<KeyRotation> {
    const { shelves, store } = this.#options;
    const tenants: KeyRotation['tenants'] = [];
    const byTenant = Map.groupBy(await store.list(), ({ tenantId }) => tenantId);
    for (const [tenantId, kept] of byTenant) {
      const newest = Math.max(...kept.map(({ version }) => version));
      let left = 0;
      for (const shelf of shelves) left += await shelf.countOld(tenantId, newest);
      tenants.push({ tenantId, version: newest, oldVersions: kept.length - 1, left });
    }
    return { isRunning: this.#running !== undefined, failure: this.#failure, tenants };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #begin(): void {
    this.#failure = null;
    this.#running ??= this.#run()
      .catch((err: unknown) => {
        this.#failure = 'It stopped before its end: ask again. The log says why.';
        this.#options.log.error({ err }, 'keys could not be rotated to the end; ask again');
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(): Promise<void> {
    const { keys, log, shelves, store, tenants } = this.#options;
    const rewrapped = await keys.rewrapAll();
    for (const tenantId of await tenants()) {
      const newest = await store.newest(tenantId);
      if (newest === undefined) continue;
      let resealed = 0;
      for (const shelf of shelves) {
        for (;;) {
          if (this.#closed) return;
          const count = await shelf.resealSome(tenantId, newest.version);
          if (count === 0) break;
          resealed += count;
        }
      }
      let left = 0;
      for (const shelf of shelves) left += await shelf.countOld(tenantId, newest.version);
      // What could not be opened stays with the key that would open it.
      if (left === 0) await store.removeBefore(tenantId, newest.version);
      log.info({ tenantId, version: newest.version, resealed, left, rewrapped }, 'keys rotated');
    }
  }
}
