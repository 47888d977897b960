// Enters: cameras that are to be dialled. Leaves: each its turn, so that neither a camera network nor the line to a
// site sees a storm, however many fail or return together. Not its job: whether one should be dialled at all.
import type { Clock } from '@vedette/runtime';
import { type Rate, TokenBucket } from './token-bucket.ts';

interface Waiting {
  readonly site: string | undefined;
  readonly isWatched: boolean;
  readonly go: () => void;
}

export class DialPace {
  readonly #clock: Clock;
  readonly #node: TokenBucket;
  readonly #siteRate: Rate;
  /** As many as there are sites. */
  readonly #sites = new Map<string, TokenBucket>();
  readonly #waiting = new Set<Waiting>();
  #cancel: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly node: Rate; readonly site: Rate }) {
    this.#clock = options.clock;
    this.#node = new TokenBucket({ rate: options.node, clock: options.clock });
    this.#siteRate = options.site;
  }

  /** Resolves when it is this one's turn, watched ones first, else in the order in which they came; rejects when aborted. */
  turn(
    camera: { readonly site: string | undefined; readonly isWatched: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiting: Waiting = {
        ...camera,
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
    for (let next = this.#next(); next !== undefined && this.#node.take(); next = this.#next()) {
      this.#bucketOf(next.site)?.take();
      this.#waiting.delete(next);
      next.go();
    }
    if (this.#waiting.size === 0 || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.after(this.#untilNextMs(), () => {
      this.#cancel = undefined;
      this.#serve();
    });
  }

  /** The first whose site bears another dial. */
  #next(): Waiting | undefined {
    let unwatched: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if ((this.#bucketOf(waiting.site)?.waitMs() ?? 0) > 0) continue;
      if (waiting.isWatched) return waiting;
      unwatched ??= waiting;
    }
    return unwatched;
  }

  #untilNextMs(): number {
    const sites = new Set([...this.#waiting].map(({ site }) => site));
    const ofSites = [...sites].map((site) => this.#bucketOf(site)?.waitMs() ?? 0);
    return Math.max(1, this.#node.waitMs(), Math.min(...ofSites));
  }

  #bucketOf(site: string | undefined): TokenBucket | undefined {
    if (site === undefined) return undefined;
    let bucket = this.#sites.get(site);
    if (bucket === undefined) {
      bucket = new TokenBucket({ rate: this.#siteRate, clock: this.#clock });
      this.#sites.set(site, bucket);
    }
    return bucket;
  }
}
