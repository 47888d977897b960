// Enters: views that have ended, as the audit holds them. Leaves: one line a view in the database, for counting.
// Nobody waits for it. What cannot be stored is left out: the audit holds it, and the next start makes up for it.
// Not its job: counting (watch-counts.ts), proving anything (audit/).
import type { AuditEvent } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { type WatchRow, watchRowOf } from './watch-row.ts';
import type { WatchStore } from './watch-store.ts';

interface WatchLogOptions {
  readonly store: Pick<WatchStore, 'add' | 'forget' | 'newest' | 'refreshStatistics'>;
  /** Ends of views in the audit, the oldest first, from a time on. */
  readonly ends: (from: Date) => AsyncIterable<AuditEvent>;
  readonly clock: Clock;
  readonly log: Log;
}

const COMMIT_MS = 500;
const BATCH = 500;
const RETRY_MS = 5000;
const MAX_WAITING = 20_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const KEPT_DAYS = 400;
/** Records reach the audit and the log out of order, by so much at most. */
const OVERLAP_MS = HOUR_MS;
const FORGET_AT_ONCE = 1000;
const FORGET_PAUSE_MS = 200;

export class WatchLog {
  readonly #options: WatchLogOptions;
  readonly #abort = new AbortController();
  #waiting: WatchRow[] = [];
  #committing: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #dropped = 0;

  constructor(options: WatchLogOptions) {
    this.#options = options;
  }

  /** Makes up for what is in the audit alone, then forgets what is too old, daily. Nobody waits for it. */
  start(): void {
    const { log } = this.#options;
    this.rebuild()
      .catch(
        (err: unknown) =>
          this.#closed || log.warn({ err }, 'the watch log could not be made up from the audit'),
      )
      .then(() => this.#tidyDaily())
      .catch((err: unknown) => this.#closed || log.error({ err }, 'the watch log is no longer swept'));
  }

  /** Never throws, never waits. */
  add(event: Omit<AuditEvent, 'at'>): void {
    const row = watchRowOf(event);
    if (row === undefined) return;
    if (this.#waiting.length >= MAX_WAITING) this.#dropped += 1;
    else this.#waiting.push(row);
    this.#commitIn(COMMIT_MS);
  }

  /** Resolves once all that was added before is stored, or could not be now. */
  async settled(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await (this.#committing ?? this.#commit());
    if (this.#waiting.length > 0 && !this.#closed) await this.#commit();
  }

  /** Takes over what the audit holds since the newest line; of all that is kept when there is none. */
  async rebuild(): Promise<void> {
    const { clock, ends, store } = this.#options;
    const newest = await store.newest();
    const oldest = clock.wallNow() - KEPT_DAYS * DAY_MS;
    let rows: WatchRow[] = [];
    for await (const event of ends(new Date(newest === undefined ? oldest : newest.getTime() - OVERLAP_MS))) {
      if (this.#closed) return;
      const row = watchRowOf(event);
      if (row !== undefined) rows.push(row);
      if (rows.length < BATCH) continue;
      await store.add(rows);
      rows = [];
    }
    await store.add(rows);
  }

  /** Forgets all views that ended longer ago than they are kept, in small bites. */
  async forget(): Promise<void> {
    const { clock, store } = this.#options;
    const before = new Date(clock.wallNow() - KEPT_DAYS * DAY_MS);
    while ((await store.forget(before, FORGET_AT_ONCE)) === FORGET_AT_ONCE)
      await clock.sleep(FORGET_PAUSE_MS, this.#abort.signal);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.settled();
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #tidyDaily(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#closed) {
      try {
        await this.forget();
        await this.#options.store.refreshStatistics();
      } catch (err) {
        if (!this.#closed) log.warn({ err }, 'the watch log could not be swept; tomorrow again');
      }
      await clock.sleep(DAY_MS, this.#abort.signal);
    }
  }

  #commitIn(ms: number): void {
    if (this.#cancel !== undefined || this.#committing !== undefined || this.#closed) return;
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = undefined;
      void this.#commit();
    });
  }

  #commit(): Promise<void> {
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = undefined;
      if (this.#waiting.length > 0) this.#commitIn(RETRY_MS);
    });
    return this.#committing;
  }

  async #commitAll(): Promise<void> {
    const { log, store } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH);
        await store.add(batch);
        this.#waiting = this.#waiting.slice(batch.length);
      }
      if (this.#dropped > 0)
        log.warn({ dropped: this.#dropped }, 'views are missing in the watch log until the next start');
      this.#dropped = 0;
    } catch (err) {
      log.warn({ err, waiting: this.#waiting.length }, 'the watch log could not be written; trying again');
    }
  }
}
