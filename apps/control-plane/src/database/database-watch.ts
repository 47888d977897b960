// Enters: the doubt that the database still answers. Leaves: whether it does, found out on a connection of its own.
// Not its job: connections that are in use (postgres-database.ts).
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import { databaseAway } from './database-error.ts';

interface DatabaseWatchOptions {
  /** Asks on a fresh connection; rejects when the signal aborts, when nobody answers, or who answers takes no writes. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  readonly random: () => number;
  readonly log: Log;
}

const ANSWERS_WITHIN_MS = 1000;
/** A database that is back is found within this and the time to answer. */
const PROBE_AGAIN = { baseMs: 250, capMs: 2000 };

export class DatabaseWatch {
  readonly #options: DatabaseWatchOptions;
  readonly #listeners = new Set<() => void>();
  #isAway = false;
  #probing: AbortController | undefined;
  #cancel: () => void = () => undefined;
  #attempts = 0;
  #closed = false;

  constructor(options: DatabaseWatchOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Hears when the database is found to be away: what waits for it waits for nothing. */
  onAway(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something took longer than it should, or broke. Asks, unless that is being done. */
  suspect(): void {
    if (this.#closed || this.#isAway || this.#probing !== undefined) return;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#probing?.abort(databaseAway());
  }

  async #ask(): Promise<void> {
    const { clock, probe } = this.#options;
    const probing = new AbortController();
    this.#probing = probing;
    const cancel = clock.after(ANSWERS_WITHIN_MS, () => probing.abort(databaseAway()));
    try {
      await probe(probing.signal);
      this.#answered();
    } catch (error) {
      this.#missing(error);
    } finally {
      cancel();
      this.#probing = undefined;
    }
  }

  #answered(): void {
    this.#attempts = 0;
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.log.info('the database is back');
  }

  #missing(err: unknown): void {
    if (this.#closed) return;
    const { clock, log, random } = this.#options;
    if (!this.#isAway) {
      this.#isAway = true;
      log.error({ err }, 'the database does not answer: what is known goes on, changes are refused');
      for (const listener of [...this.#listeners]) listener();
    }
    const waitMs = PROBE_AGAIN.baseMs + fullJitter(backoffMs(this.#attempts, PROBE_AGAIN), random);
    this.#attempts += 1;
    this.#cancel = clock.after(Math.min(waitMs, PROBE_AGAIN.capMs), () => void this.#ask());
  }
}
