// Enters: which accounts of which devices were rejected. Leaves: who may ask again, and when: one for all profiles of
// a device, long before the device locks the account. A changed password is another account and asks at once.
import type { Clock } from '@vedette/runtime';
import { rejectedAfterMs } from './retry-plan.ts';

interface Open {
  readonly rejections: number;
  readonly rejectedAtMs: number;
  readonly untilMs: number;
  /** Somebody is asking, for all that wait. */
  onTrial: boolean;
  /** Resolves when something has become of it. */
  readonly over: PromiseWithResolvers<void>;
}

/** Accounts that were rejected and that nobody has asked for since; the oldest are forgotten first. */
const MAX_OPEN = 10_000;

export class AccountBreakers {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #open = new Map<string, Open>();

  constructor(options: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** 0 when it may be asked now. */
  waitMs(account: string): number {
    return Math.max(0, (this.#open.get(account)?.untilMs ?? 0) - this.#clock.now());
  }

  /**
   * Resolves when this account may be used: at once while it was never rejected, else after its time and for one at
   * a time. True says that the answer decides for all: `accepted`, `rejected` or `released` must follow.
   */
  async turn(account: string, signal: AbortSignal, onWaiting: () => void): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      const open = this.#open.get(account);
      if (open === undefined) return false;
      const waitMs = this.waitMs(account);
      if (waitMs === 0 && !open.onTrial) {
        open.onTrial = true;
        return true;
      }
      onWaiting();
      const done = new AbortController();
      const sleeping = this.#clock.sleep(
        waitMs === 0 ? 60_000 : waitMs,
        AbortSignal.any([signal, done.signal]),
      );
      await Promise.race([sleeping.catch(() => undefined), open.over.promise]);
      done.abort();
    }
  }

  accepted(account: string): void {
    this.#close(account);
  }

  /** One round of askers who all began before the answer was known counts once. */
  rejected(account: string, askedAtMs: number): void {
    const before = this.#close(account);
    const again = before !== undefined && askedAtMs < before.rejectedAtMs;
    const rejections = (before?.rejections ?? 0) + (again ? 0 : 1);
    const now = this.#clock.now();
    this.#open.set(account, {
      rejections,
      rejectedAtMs: again ? before.rejectedAtMs : now,
      untilMs: again ? before.untilMs : now + rejectedAfterMs(rejections, this.#random),
      onTrial: false,
      over: Promise.withResolvers(),
    });
    if (this.#open.size <= MAX_OPEN) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#close(oldest);
  }

  /** The trial told nothing of the password. */
  released(account: string): void {
    const open = this.#close(account);
    if (open !== undefined)
      this.#open.set(account, { ...open, onTrial: false, over: Promise.withResolvers() });
  }

  #close(account: string): Open | undefined {
    const open = this.#open.get(account);
    this.#open.delete(account);
    open?.over.resolve();
    return open;
  }
}
