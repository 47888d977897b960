import type { DesiredStream, StreamPath } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

type Told = ReadonlyMap<StreamPath, { readonly fence: number; readonly seq: number }>;

interface Waiter {
  readonly path: StreamPath;
  readonly fence: number;
  readonly done: (confirmed: boolean) => void;
}

interface Fenced {
  readonly path: StreamPath;
  readonly fence: number;
}

/** What one node was told and has applied, or says that it has, and who waits for it. */
export class Confirmations {
  readonly #clock: Pick<Clock, 'after'>;
  /** Each desired stream, and the first message that held it with this fence. */
  #told: Told = new Map();
  #appliedSeq = 0;
  /** By its own words, whoever told it to. */
  #has = new Map<StreamPath, number>();
  readonly #waiters = new Set<Waiter>();

  constructor(options: { readonly clock: Pick<Clock, 'after'> }) {
    this.#clock = options.clock;
  }

  /** A new connection counts its messages from 1. */
  reset(): void {
    this.#told = new Map();
    this.#appliedSeq = 0;
    this.#has = new Map();
  }

  told(seq: number, streams: readonly DesiredStream[]): void {
    const told = new Map<StreamPath, { fence: number; seq: number }>();
    for (const { path, fence } of streams) {
      const before = this.#told.get(path);
      told.set(path, before?.fence === fence ? before : { fence, seq });
    }
    this.#told = told;
  }

  applied(seq: number, streams: readonly Fenced[]): void {
    for (const { fence, path } of streams) this.#has.set(path, fence);
    this.#appliedSeq = Math.max(this.#appliedSeq, seq);
    this.#answer();
  }

  /** All that the node has, from its report. */
  reported(appliedSeq: number, streams: readonly Fenced[]): void {
    this.#has.clear();
    this.applied(appliedSeq, streams);
  }

  has(path: StreamPath, fence: number): boolean {
    if ((this.#has.get(path) ?? Number.NEGATIVE_INFINITY) >= fence) return true;
    const told = this.#told.get(path);
    return told !== undefined && told.fence >= fence && told.seq <= this.#appliedSeq;
  }

  #answer(): void {
    for (const waiter of this.#waiters) {
      if (this.has(waiter.path, waiter.fence)) waiter.done(true);
    }
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
