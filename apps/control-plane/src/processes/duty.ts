// Enters: the board of control processes. Leaves: whether this one does what only one of them should.
import type { Clock, Log } from '@vedette/runtime';
import type { ProcessBoard } from '../state/process-board.ts';

const LEASE_MS = 5000;
const RENEW_MS = 1500;

interface DutyOptions {
  readonly board: Pick<ProcessBoard, 'holdLease' | 'releaseLease'>;
  readonly name: string;
  /** This process among those that may hold it. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Work in the background that would be wasteful, or told twice, if every process did it. Somebody else takes it over
 * within the lease when its process dies; for a moment two may do it, which does no harm.
 */
export class Duty {
  readonly #options: DutyOptions;
  readonly #listeners = new Set<() => void>();
  #mineUntil = Number.NEGATIVE_INFINITY;
  #was = false;
  #closed = false;
  #cancel: () => void = () => undefined;

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  get isMine(): boolean {
    return this.#options.clock.now() < this.#mineUntil;
  }

  /** Calls back when this process takes it over; returns how to stop. */
  onTaken(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves after the first try. */
  async start(): Promise<void> {
    await this.#renew();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    const { board, name, owner } = this.#options;
    if (this.isMine) await board.releaseLease(name, owner).catch(() => undefined);
    this.#mineUntil = Number.NEGATIVE_INFINITY;
  }

  async #renew(): Promise<void> {
    const { board, clock, log, name, owner } = this.#options;
    const askedAt = clock.now();
    const nowMs = clock.wallNow();
    try {
      const holder = await board.holdLease({ name, owner, nowMs, untilMs: nowMs + LEASE_MS });
      // From when it was asked: the others count from then as well.
      this.#mineUntil = holder === owner ? askedAt + LEASE_MS : Number.NEGATIVE_INFINITY;
    } catch (err) {
      log.debug({ err, duty: name }, 'whose duty it is cannot be known now');
    }
    if (this.#closed) return;
    const isMine = this.isMine;
    if (isMine && !this.#was) {
      log.info({ duty: name }, 'this process takes over the duty');
      for (const listener of this.#listeners) listener();
    }
    this.#was = isMine;
    this.#cancel = clock.after(RENEW_MS, () => void this.#renew());
  }
}
