import type { DesiredStream, StreamPath } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

type Told = ReadonlyMap<StreamPath, { readonly fence: number; readonly seq: number }>;

interface Waiter {
  readonly path: StreamPath;
  readonly fence: number;
  readonly done: (confirmed: boolean) => void;
}

/** What one node was told and has applied, and who waits for it. */
export class Confirmations {
  readonly #clock: Pick<Clock, 'after'>;
  /** Each desired stream, and the first message that held it with this fence. */
  #told: Told = new Map();
  #appliedSeq = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(options: { readonly clock: Pick<Clock, 'after'> }) {
    this.#clock = options.clock;
  }

  /** A new connection counts its messages from 1. */
  reset(): void {
    this.#told = new Map();
    this.#appliedSeq = 0;
  }

  told(seq: number, streams: readonly DesiredStream[]): void {
    const told = new Map<StreamPath, { fence: number; seq: number }>();
    for (const { path, fence } of streams) {
      const before = this.#told.get(path);
      told.set(path, before?.fence === fence ? before : { fence, seq });
    }
    this.#told = told;
  }

  applied(seq: number): void {
    if (seq <= this.#appliedSeq) return;
    this.#appliedSeq = seq;
    for (const waiter of this.#waiters) {
      if (this.has(waiter.path, waiter.fence)) waiter.done(true);
    }
  }

  has(path: StreamPath, fence: number): boolean {
    const told = this.#told.get(path);
    return told !== undefined && told.fence >= fence && told.seq <= this.#appliedSeq;
  }

  /** True once the node has applied this stream, false when that took longer than `withinMs`. */
  async wait(path: StreamPath, fence: number, withinMs: number): Promise<boolean> {
    if (this.has(path, fence)) return true;
    return new Promise((resolve) => {
      const done = (confirmed: boolean) => {
        cancel();
        this.#waiters.delete(waiter);
        resolve(confirmed);
      };
      const waiter: Waiter = { path, fence, done };
      const cancel = this.#clock.after(withinMs, () => done(false));
      this.#waiters.add(waiter);
    });
  }
}
