// Over HTTP/1.1 a browser opens six connections to an origin, and a blocking playlist reload holds one of them.
// In: the address a tile wants to play. Out: how it may reload its playlist. HTTP/2 and later need no rationing.

/**
 * `blocking`: low-latency reload, the answer comes with the next part. `parts`: reload by the clock, play parts.
 * `segments`: reload by the clock, play whole segments, a fraction of the requests.
 */
export type ReloadMode = 'blocking' | 'parts' | 'segments';

/** Leave to reload in this mode until `release()`, which may be repeated. */
export interface ReloadLeave {
  readonly mode: ReloadMode;
  release(): void;
}

const PER_ORIGIN: Readonly<Record<ReloadMode, number>> = {
  blocking: 2,
  parts: 10,
  segments: Number.POSITIVE_INFINITY,
};
const BEST_FIRST: readonly ReloadMode[] = ['blocking', 'parts', 'segments'];

export class ConnectionBudget {
  readonly #multiplexed: (origin: string) => boolean;
  readonly #held = new Map<string, number>();

  /** `multiplexed` says whether an origin is spoken to over HTTP/2 or later. */
  constructor(options: { readonly multiplexed: (origin: string) => boolean }) {
    this.#multiplexed = options.multiplexed;
  }

  /** The best mode that the origin of `url` has room for. */
  take(url: string): ReloadLeave {
    const { origin } = new URL(url);
    if (this.#multiplexed(origin)) return { mode: 'blocking', release: () => undefined };
    const mode = BEST_FIRST.find((one) => this.#count(origin, one) < PER_ORIGIN[one]) ?? 'segments';
    this.#add(origin, mode, 1);
    let held = true;
    return {
      mode,
      release: () => {
        if (held) this.#add(origin, mode, -1);
        held = false;
      },
    };
  }

  #count(origin: string, mode: ReloadMode): number {
    return this.#held.get(`${mode} ${origin}`) ?? 0;
  }

  #add(origin: string, mode: ReloadMode, change: number): void {
    const count = this.#count(origin, mode) + change;
    if (count === 0) this.#held.delete(`${mode} ${origin}`);
    else this.#held.set(`${mode} ${origin}`, count);
  }
}

/** Our ports speak HTTP/2 exactly when they speak TLS; what the browser measured wins over that rule. */
export function multiplexedByBrowser(origin: string): boolean {
  for (const entry of performance.getEntriesByType('resource')) {
    if (!(entry instanceof PerformanceResourceTiming) || !entry.name.startsWith(`${origin}/`)) continue;
    if (entry.nextHopProtocol !== '') return !entry.nextHopProtocol.startsWith('http/1');
  }
  return origin.startsWith('https:');
}
