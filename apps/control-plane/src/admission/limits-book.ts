import type { Limits, TenantId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { DEFAULT_TENANT_LIMITS, type KeptLimits, type LimitsStore } from './limits-store.ts';

interface Remembered {
  readonly kept: KeptLimits;
  readonly until: number;
  /** Changed: the next start waits for what they are now. */
  readonly isOutdated?: boolean;
}

/** What another control process has changed is seen this soon. */
const REMEMBER_MS = 2000;

/** Limits of each tenant without asking the database at every start; with the database away, as they were. */
export class LimitsBook {
  readonly #store: Pick<LimitsStore, 'get'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  readonly #known = new Map<TenantId, Remembered>();
  readonly #asking = new Map<TenantId, Promise<Limits>>();

  constructor(options: {
    readonly store: Pick<LimitsStore, 'get'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async of(tenantId: TenantId): Promise<Limits> {
    const known = this.#known.get(tenantId);
    if (known !== undefined && known.until > this.#clock.now()) return known.kept.limits;
    let asking = this.#asking.get(tenantId);
    if (asking === undefined) {
      asking = this.#ask(tenantId, known?.kept).finally(() => this.#asking.delete(tenantId));
      this.#asking.set(tenantId, asking);
    }
    // What is a little old is good enough to start with.
    return known === undefined || known.isOutdated ? asking : known.kept.limits;
  }

  /** After a change by this process. */
  forget(tenantId: TenantId): void {
    const known = this.#known.get(tenantId);
    if (known !== undefined) this.#known.set(tenantId, { ...known, until: 0, isOutdated: true });
  }

  async #ask(tenantId: TenantId, before: KeptLimits | undefined): Promise<Limits> {
    let kept: KeptLimits;
    try {
      kept = await this.#store.get(tenantId);
    } catch (err) {
      this.#log.error({ err }, 'limits could not be read; those of before hold');
      kept = before ?? { version: 0, limits: DEFAULT_TENANT_LIMITS };
    }
    this.#known.set(tenantId, { kept, until: this.#clock.now() + REMEMBER_MS });
    return kept.limits;
  }
}
