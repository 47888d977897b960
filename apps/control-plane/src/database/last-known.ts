// Enters: a question to the database. Leaves: its answer; for a while the one before it, where the database is away or slow.
// Not its job: knowing when an answer is no longer right (whoever changes something says so).
import { type Clock, VedetteError } from '@vedette/runtime';

interface LastKnownOptions {
  /** So long an answer is given without asking. */
  readonly freshMs: number;
  /** So old the last answer may be that stands in for one that cannot be had. */
  readonly usableMs: number;
  /** So long the database is waited for before the last answer stands in; until it has failed, when not given. */
  readonly patienceMs?: number;
  /** Answers kept; those that were asked for longest ago go first. */
  readonly max: number;
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

interface Known<V> {
  readonly value: V;
  readonly askedAt: number;
  readonly round: number;
}

/** "There is none" is remembered apart, so that guesses push nothing out. */
const MAX_ABSENT = 1000;

export class LastKnown<V> {
  readonly #options: LastKnownOptions;
  readonly #known = new Map<string, Known<V>>();
  readonly #absent = new Map<string, number>();
  readonly #asking = new Map<string, Promise<V | undefined>>();
  /** Grows when everything must be asked again: an answer to an older question is given, not kept. */
  #round = 0;

  constructor(options: LastKnownOptions) {
    this.#options = options;
  }

  /** Throws what `ask` throws, where nothing that is known may stand in. */
  async get(key: string, ask: () => Promise<V | undefined>): Promise<V | undefined> {
    const now = this.#options.clock.now();
    const known = this.#known.get(key);
    if (known !== undefined && known.round === this.#round && now - known.askedAt < this.#options.freshMs)
      return known.value;
    if ((this.#absent.get(key) ?? 0) > now) return undefined;
    const asking = this.#ask(key, ask);
    if (known === undefined || now - known.askedAt >= this.#options.usableMs) return asking;
    return this.#orBefore(key, asking);
  }

  /** The last answer, however old. */
  peek(key: string): V | undefined {
    return this.#known.get(key)?.value;
  }

  values(): V[] {
    const oldest = this.#options.clock.now() - this.#options.usableMs;
    return [...this.#known.values()].flatMap(({ askedAt, value }) => (askedAt > oldest ? [value] : []));
  }

  /** As if just asked. */
  put(key: string, value: V): void {
    this.#keep(key, value, this.#options.clock.now());
  }

  /** Something has changed: everything is asked again, and what fits is not known any more. */
  expire(isOver: (value: V) => boolean): void {
    this.#round += 1;
    this.#asking.clear();
    this.#absent.clear();
    for (const [key, { value }] of this.#known) if (isOver(value)) this.#known.delete(key);
  }

  #ask(key: string, ask: () => Promise<V | undefined>): Promise<V | undefined> {
    const under = this.#asking.get(key);
    if (under !== undefined) return under;
    const round = this.#round;
    const askedAt = this.#options.clock.now();
    const asking = ask()
      .then((value) => {
        if (round === this.#round) this.#keep(key, value, askedAt);
        return value;
      })
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key);
      });
    this.#asking.set(key, asking);
    return asking;
  }

  /** The answer when it comes in time; whenever it comes, it is the one that counts from then on. */
  async #orBefore(key: string, asking: Promise<V | undefined>): Promise<V | undefined> {
    const { clock, patienceMs } = this.#options;
    const late = Promise.withResolvers<'late'>();
    const cancel =
      patienceMs === undefined ? () => undefined : clock.after(patienceMs, () => late.resolve('late'));
    try {
      const first = await Promise.race([asking.then((value) => ({ value })), late.promise]);
      if (first !== 'late') return first.value;
    } catch (error) {
      if (!(error instanceof VedetteError) || error.code !== 'unavailable') throw error;
      const before = this.#known.get(key);
      if (before === undefined) throw error;
      return before.value;
    } finally {
      cancel();
    }
    // Whoever has lost a right meanwhile is not known any more.
    return this.#known.get(key)?.value ?? asking;
  }

  #keep(key: string, value: V | undefined, askedAt: number): void {
    this.#known.delete(key);
    if (value === undefined) {
      if (this.#absent.size >= MAX_ABSENT) this.#absent.clear();
      this.#absent.set(key, askedAt + this.#options.freshMs);
      return;
    }
    if (this.#known.size >= this.#options.max) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(key, { value, askedAt, round: this.#round });
  }
}
