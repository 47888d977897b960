// Enters: the newest rules of each tenant. Leaves: them compiled, without asking the database at every start.
// With the database away they are as they were; what another control process changed is seen within two seconds.
import type { TenantId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { LocalTimes } from '../access/local-time.ts';
import { type CompiledRule, compilePolicy } from './compile-policy.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { PolicyStore } from './policy-store.ts';

interface Remembered {
  readonly version: number;
  readonly compiled: readonly CompiledRule[];
  readonly until: number;
}

const REMEMBER_MS = 2000;

export class PolicyBook {
  readonly #store: Pick<PolicyStore, 'newest'>;
  readonly #times: LocalTimes;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  readonly #defaults: readonly CompiledRule[];
  readonly #known = new Map<TenantId, Remembered>();
  readonly #asking = new Map<TenantId, Promise<Remembered>>();

  constructor(options: {
    readonly store: Pick<PolicyStore, 'newest'>;
    readonly times: LocalTimes;
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#times = options.times;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#defaults = compilePolicy(DEFAULT_RULES, options.times);
  }

  async of(tenantId: TenantId): Promise<readonly CompiledRule[]> {
    const known = this.#known.get(tenantId);
    if (known !== undefined && known.until > this.#clock.now()) return known.compiled;
    let asking = this.#asking.get(tenantId);
    if (asking === undefined) {
      asking = this.#ask(tenantId, known).finally(() => this.#asking.delete(tenantId));
      this.#asking.set(tenantId, asking);
    }
    // What is a little old is good enough to start with.
    return (known ?? (await asking)).compiled;
  }

  /** After a change by this process: the next start sees it. */
  forget(tenantId: TenantId): void {
    this.#known.delete(tenantId);
  }

  async #ask(tenantId: TenantId, before: Remembered | undefined): Promise<Remembered> {
    const until = this.#clock.now() + REMEMBER_MS;
    let found: Remembered;
    try {
      const kept = await this.#store.newest(tenantId);
      if (kept !== undefined && kept.rules === undefined && before?.version !== kept.version)
        this.#log.error(
          { tenantId, version: kept.version },
          'kept rules cannot be read; the default ones hold',
        );
      const version = kept?.version ?? 0;
      found =
        before?.version === version
          ? { ...before, until }
          : {
              version,
              compiled: kept?.rules === undefined ? this.#defaults : compilePolicy(kept.rules, this.#times),
              until,
            };
    } catch (err) {
      this.#log.error({ err }, 'rules could not be read; those of before hold');
      found = { version: -1, compiled: this.#defaults, ...before, until };
    }
    this.#known.set(tenantId, found);
    return found;
  }
}
