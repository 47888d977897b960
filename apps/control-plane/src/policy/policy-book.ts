// Enters: the newest rules of each tenant. Leaves: them compiled, without asking the database at every start.
// With the database away they are as they were; what another control process changed is seen within two seconds.
import type { TenantId } from '@vedette/contracts';
import { type Clock, type Log, VedetteError } from '@vedette/runtime';
import type { LocalTimes } from '../access/local-time.ts';
import { type CompiledRule, compilePolicy } from './compile-policy.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { KeptPolicy, PolicyStore } from './policy-store.ts';

interface Remembered {
  readonly version: number;
  readonly compiled: readonly CompiledRule[];
  /** Monotonic ms, when they were asked for, or could not be had; -Infinity after a change. */
  readonly readAt: number;
}

/** Read again in the background from this age on, so that on a busy system no start waits. */
const FRESH_MS = 1000;
/** Older ones decide nothing while the database answers. */
const GOOD_MS = 2000;
/** A database that hangs delays a start by so much, once in `GOOD_MS`. */
const WAIT_MS = 500;
/** After this it is asked anew; who has no rules to fall back to is refused. */
const GIVE_UP_MS = 3000;

export class PolicyBook {
  readonly #store: Pick<PolicyStore, 'newest'>;
  readonly #times: LocalTimes;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #log: Log;
  readonly #defaults: readonly CompiledRule[];
  readonly #known = new Map<TenantId, Remembered>();
  readonly #asking = new Map<TenantId, Promise<Remembered>>();

  constructor(options: {
    readonly store: Pick<PolicyStore, 'newest'>;
    readonly times: LocalTimes;
    readonly clock: Pick<Clock, 'now' | 'after'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#times = options.times;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#defaults = compilePolicy(DEFAULT_RULES, options.times);
  }

  /**
   * Throws `unavailable`, or what the database throws, when the rules of this tenant were never read: they may forbid what
   * the default ones allow.
   */
  async of(tenantId: TenantId): Promise<readonly CompiledRule[]> {
    const known = this.#known.get(tenantId);
    if (known === undefined) return (await this.#ask(tenantId)).compiled;
    const age = this.#clock.now() - known.readAt;
    if (age < FRESH_MS) return known.compiled;
    const asking = this.#ask(tenantId);
    return age < GOOD_MS ? known.compiled : (await this.#soon(tenantId, asking, known)).compiled;
  }

  /** After a change by this process: the next start sees it. */
  forget(tenantId: TenantId): void {
    const known = this.#known.get(tenantId);
    if (known !== undefined) this.#known.set(tenantId, { ...known, readAt: Number.NEGATIVE_INFINITY });
    // What is being read may be from before the change.
    this.#asking.delete(tenantId);
  }

  #ask(tenantId: TenantId): Promise<Remembered> {
    const under = this.#asking.get(tenantId);
    if (under !== undefined) return under;
    const asking: Promise<Remembered> = this.#read(tenantId, this.#known.get(tenantId))
      .then((found) => {
        if (this.#asking.get(tenantId) === asking) this.#known.set(tenantId, found);
        return found;
      })
      .finally(() => {
        if (this.#asking.get(tenantId) === asking) this.#asking.delete(tenantId);
      });
    this.#asking.set(tenantId, asking);
    return asking;
  }

  #soon(tenantId: TenantId, asking: Promise<Remembered>, known: Remembered): Promise<Remembered> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(WAIT_MS, () => {
        if (this.#known.get(tenantId) === known)
          this.#known.set(tenantId, { ...known, readAt: this.#clock.now() });
        resolve(known);
      });
      asking.then((found) => {
        cancel();
        resolve(found);
      }, reject);
    });
  }

  async #newest(tenantId: TenantId): Promise<KeptPolicy | undefined> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(GIVE_UP_MS, () =>
      late.reject(new VedetteError('unavailable', { detail: 'The database does not answer.' })),
    );
    try {
      return await Promise.race([this.#store.newest(tenantId), late.promise]);
    } finally {
      cancel();
    }
  }

  async #read(tenantId: TenantId, before: Remembered | undefined): Promise<Remembered> {
    const readAt = this.#clock.now();
    try {
      const kept = await this.#newest(tenantId);
      const version = kept?.version ?? 0;
      if (before?.version === version) return { ...before, readAt };
      if (kept !== undefined && kept.rules === undefined)
        this.#log.error({ tenantId, version }, 'kept rules cannot be read; the default ones hold');
      const compiled = kept?.rules === undefined ? this.#defaults : compilePolicy(kept.rules, this.#times);
      return { version, compiled, readAt };
    } catch (err) {
      if (before === undefined) throw err;
      this.#log.error({ err }, 'rules could not be read; those of before hold');
      return { ...before, readAt: this.#clock.now() };
    }
  }
}
