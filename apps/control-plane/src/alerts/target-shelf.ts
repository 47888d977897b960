import type { TenantId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { Envelope } from '../registry/secrets/envelope.ts';
import type { SealedShelf } from '../registry/secrets/rotation.ts';
import { targetOwner } from './alert-routes.ts';
import type { AlertStore } from './alert-store.ts';

/** Secrets that webhooks are signed with; there are few. */
export class TargetShelf implements SealedShelf {
  readonly #store: Pick<AlertStore, 'sealed' | 'changeTarget'>;
  readonly #envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;
  readonly #log: Log;

  constructor(options: {
    readonly store: Pick<AlertStore, 'sealed' | 'changeTarget'>;
    readonly envelope: Pick<Envelope, 'seal' | 'open' | 'isOld'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#envelope = options.envelope;
    this.#log = options.log;
  }

  async countOld(tenantId: TenantId, newest: number): Promise<number> {
    const targets = await this.#store.sealed(tenantId);
    return targets.filter(({ sealedSecret }) => this.#envelope.isOld(sealedSecret, tenantId, newest)).length;
  }

  /** All at once; a secret never changes, so that nothing can be lost between reading and writing. */
  async resealSome(tenantId: TenantId, newest: number): Promise<number> {
    let count = 0;
    for (const { id, sealedSecret } of await this.#store.sealed(tenantId)) {
      if (!this.#envelope.isOld(sealedSecret, tenantId, newest)) continue;
      try {
        const owner = targetOwner(id);
        const again = await this.#envelope.seal(
          tenantId,
          await this.#envelope.open(sealedSecret, owner),
          owner,
        );
        await this.#store.changeTarget(tenantId, id, { sealedSecret: again });
        count += 1;
      } catch (err) {
        this.#log.error({ err, targetId: id }, 'the secret of an alert target cannot be opened; add it anew');
      }
    }
    return count;
  }
}
