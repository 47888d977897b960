// Enters: states of cameras. Leaves: them in the database, in their order, whenever that takes them; nobody waits.
import type { CameraId } from '@vedette/contracts';
import { type Clock, type Log, VedetteError } from '@vedette/runtime';
import type { HistoryStore, KeptState } from './history-store.ts';

interface HistoryQueueOptions {
  readonly store: Pick<HistoryStore, 'add' | 'last' | 'removeBefore'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

const RETRY_MS = 5000;
/** Changes that wait while the database is away: three of each of a thousand cameras. */
const MAX_WAITING = 3000;

export class HistoryQueue implements Pick<HistoryStore, 'add' | 'last' | 'removeBefore'> {
  readonly #options: HistoryQueueOptions;
  readonly #waiting: { readonly cameraId: CameraId; readonly entry: KeptState }[] = [];
  #writing: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #lost = 0;
  #closed = false;

  constructor(options: HistoryQueueOptions) {
    this.#options = options;
  }

  /** Resolves once it is stored, or waits. Never rejects. */
  async add(cameraId: CameraId, entry: KeptState): Promise<void> {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ cameraId, entry });
    else this.#lost += 1;
    if (this.#cancel === undefined) await this.#write();
  }

  last(): ReturnType<HistoryStore['last']> {
    return this.#options.store.last();
  }

  removeBefore(moment: Date): Promise<void> {
    return this.#options.store.removeBefore(moment);
  }

  /** Tries once more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#write();
  }

  /** Throws `unavailable`. What the database will never take, such as that of a camera that is gone, is left out. */
  async #keep({ cameraId, entry }: { cameraId: CameraId; entry: KeptState }): Promise<void> {
    try {
      await this.#options.store.add(cameraId, entry);
    } catch (err) {
      if (err instanceof VedetteError) throw err;
      this.#options.log.warn({ err, cameraId }, 'a change of a camera could not be kept');
    }
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#keep(next);
        this.#waiting.shift();
      }
      if (this.#lost > 0)
        log.error(
          { count: this.#lost },
          'more changes of cameras than could wait for the database; some are lost',
        );
      this.#lost = 0;
    } catch (err) {
      log.warn({ err, waiting: this.#waiting.length }, 'the history of cameras waits for the database');
      if (this.#closed) return;
      this.#cancel = clock.after(RETRY_MS, () => {
        this.#cancel = undefined;
        void this.#write();
      });
    }
  }
}
