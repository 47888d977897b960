import { HOME_TENANT, type TenantId } from '@vedette/contracts';
import type { Envelope } from '../registry/secrets/envelope.ts';
import type { SealedShelf } from '../registry/secrets/rotation.ts';
import type { SharedSecretStore } from './shared-secret-store.ts';
import { sharedOwner } from './shared-secrets.ts';

/** What control processes share, sealed by a data key of the first tenant. */
export class SharedSecretShelf implements SealedShelf {
  readonly #store: Pick<SharedSecretStore, 'list' | 'reseal'>;
  readonly #envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;

  constructor(options: {
    readonly store: Pick<SharedSecretStore, 'list' | 'reseal'>;
    readonly envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;
  }) {
    this.#store = options.store;
    this.#envelope = options.envelope;
  }

  async countOld(tenantId: TenantId, newest: number): Promise<number> {
    return (await this.#old(tenantId, newest)).length;
  }

  /** All at once; they never change, so that nothing can be lost between reading and writing. Throws `unavailable`. */
  async resealSome(tenantId: TenantId, newest: number): Promise<number> {
    const old = await this.#old(tenantId, newest);
    for (const { name, sealed } of old) {
      const owner = sharedOwner(name);
      const text = await this.#envelope.open(sealed, owner);
      await this.#store.reseal({ name, sealed: await this.#envelope.seal(tenantId, text, owner) });
    }
    return old.length;
  }

  async #old(tenantId: TenantId, newest: number) {
    if (tenantId !== HOME_TENANT) return [];
    return (await this.#store.list()).filter(({ sealed }) => this.#envelope.isOld(sealed, tenantId, newest));
  }
}
