import { type Clock, VedetteError } from '@vedette/runtime';

interface Waiting<T> {
  readonly ready: () => T | undefined;
  readonly owner: unknown;
  readonly deadlineMs: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: VedetteError) => void;
}

export interface RequestGateOptions {
  readonly clock: Clock;
  readonly limit: number;
}

const SWEEP_MS = 500;

/**
 * Holds requests until what they ask for exists, then lets all of them go in the same turn. Bounded in number and
 * in time: one timer for all.
 */
export class RequestGate<T> {
  readonly #clock: Clock;
  readonly #limit: number;
  #waiting: Waiting<T>[] = [];
  #scheduled = false;
  #cancelSweep: (() => void) | undefined;
  #closed: VedetteError | undefined;

  constructor(options: RequestGateOptions) {
    this.#clock = options.clock;
    this.#limit = options.limit;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves with what `ready` returns first. Rejects `unavailable` after `timeoutMs` or when too many wait, with
   * the error given to `fail` or `close` otherwise.
   */
  wait(ready: () => T | undefined, timeoutMs: number, owner: unknown): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const value = ready();
    if (value !== undefined) return Promise.resolve(value);
    if (this.#waiting.length >= this.#limit) {
      return Promise.reject(new VedetteError('unavailable', { retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#clock.now() + timeoutMs;
      this.#waiting.push({ ready, owner, deadlineMs, resolve, reject });
      this.#cancelSweep ??= this.#clock.after(SWEEP_MS, this.#sweep);
    });
  }

  /** Something new exists. Several calls in one turn, as when a GOP is replayed, count as one. */
  changed(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const entry of waiting) this.#try(entry);
    });
  }

  fail(owner: unknown, error: VedetteError): void {
    this.#drop((entry) => entry.owner === owner, error);
  }

  /** Everybody who waits, and everybody who would, gets the error. May be repeated. */
  close(error: VedetteError): void {
    this.#closed ??= error;
    this.#drop(() => true, error);
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #try(entry: Waiting<T>): void {
    try {
      const value = entry.ready();
      if (value === undefined) this.#waiting.push(entry);
      else entry.resolve(value);
    } catch (cause) {
      entry.reject(new VedetteError('internal_error', { cause }));
    }
  }

  readonly #sweep = (): void => {
    const nowMs = this.#clock.now();
    this.#drop(
      (entry) => entry.deadlineMs <= nowMs,
      new VedetteError('unavailable', { detail: 'No picture came in time.', retryAfterSeconds: 1 }),
    );
    this.#cancelSweep = this.#waiting.length > 0 ? this.#clock.after(SWEEP_MS, this.#sweep) : undefined;
  };

  #drop(which: (entry: Waiting<T>) => boolean, error: VedetteError): void {
    const dropped = this.#waiting.filter(which);
    if (dropped.length === 0) return;
    this.#waiting = this.#waiting.filter((entry) => !which(entry));
    for (const entry of dropped) entry.reject(error);
  }
}
