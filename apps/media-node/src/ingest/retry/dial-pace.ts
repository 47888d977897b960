// Enters: cameras that are to be dialled. Leaves: each its turn, so that neither a camera network nor the line to a
// site sees a storm, however many fail or return together. Not its job: whether one should be dialled at all.
import type { Clock } from '@vedette/runtime';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** A camera that is to be dialled. */
export interface Dialled {
  readonly site: string | undefined;
  /** Never tried since it is wanted: a wall that opens, or streams that come from a lost node. */
  readonly isFirst: boolean;
  /** Somebody waits for it. */
  readonly isWatched: boolean;
}

interface Waiting {
  readonly isWatched: boolean;
  /** Each has to have room. */
  readonly buckets: readonly TokenBucket[];
  readonly go: () => void;
}

export interface DialRates {
  /** First dials of a node, wherever the cameras are: those that worked elsewhere a moment ago have to be quick. */
  readonly first: Rate;
  /** Others of a node, and of those to one site. */
  readonly again: Rate;
  readonly againOfSite: Rate;
}

export class DialPace {
  readonly #clock: Clock;
  readonly #first: TokenBucket;
  readonly #again: TokenBucket;
  readonly #againOfSite: Rate;
  /** As many as there are sites. */
  readonly #sites = new Map<string, TokenBucket>();
  readonly #waiting = new Set<Waiting>();
  #cancel: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly rates: DialRates }) {
    const { clock, rates } = options;
    this.#clock = clock;
    this.#first = new TokenBucket({ rate: rates.first, clock });
    this.#again = new TokenBucket({ rate: rates.again, clock });
    this.#againOfSite = rates.againOfSite;
  }

  /** Resolves when it is this one's turn, watched ones first, else in the order in which they came; rejects when aborted. */
  turn(camera: Dialled, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiting: Waiting = {
        isWatched: camera.isWatched,
        buckets: this.#bucketsOf(camera),
        go: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiting);
      this.#serve();
    });
  }

  #serve(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      for (const bucket of next.buckets) bucket.take();
      this.#waiting.delete(next);
      next.go();
    }
    if (this.#waiting.size === 0 || this.#cancel !== undefined) return;
    const untilNextMs = Math.min(...[...this.#waiting].map(waitMs));
    this.#cancel = this.#clock.after(Math.max(1, untilNextMs), () => {
      this.#cancel = undefined;
      this.#serve();
    });
  }

  #next(): Waiting | undefined {
    let unwatched: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waitMs(waiting) > 0) continue;
      if (waiting.isWatched) return waiting;
      unwatched ??= waiting;
    }
    return unwatched;
  }

  #bucketsOf({ isFirst, site }: Dialled): readonly TokenBucket[] {
    if (isFirst) return [this.#first];
    if (site === undefined) return [this.#again];
    let bucket = this.#sites.get(site);
    if (bucket === undefined) {
      bucket = new TokenBucket({ rate: this.#againOfSite, clock: this.#clock });
      this.#sites.set(site, bucket);
    }
    return [this.#again, bucket];
  }
}

function waitMs({ buckets }: Waiting): number {
  return Math.max(...buckets.map((bucket) => bucket.waitMs()));
}
