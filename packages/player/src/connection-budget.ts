// Over HTTP/1.1 a browser opens six connections to an origin, and a blocking playlist reload holds one of them.
// In: the origin a tile wants to reload from. Out: leave to block, or not. HTTP/2 and later need no leave.

const BLOCKING_PER_ORIGIN = 2;

export type Multiplexed = (origin: string) => boolean;

export class ConnectionBudget {
  readonly #multiplexed: Multiplexed;
  readonly #held = new Map<string, number>();

  /** `multiplexed` says whether an origin is spoken to over HTTP/2 or later. */
  constructor(options: { readonly multiplexed: Multiplexed }) {
    this.#multiplexed = options.multiplexed;
  }

  /** Leave to use blocking reload on `url`'s origin until the answered function is called; null without room. */
  take(url: string): (() => void) | null {
    const { origin } = new URL(url);
    if (this.#multiplexed(origin)) return () => {};
    const held = this.#held.get(origin) ?? 0;
    if (held >= BLOCKING_PER_ORIGIN) return null;
    this.#held.set(origin, held + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const now = this.#held.get(origin) ?? 1;
      if (now <= 1) this.#held.delete(origin);
      else this.#held.set(origin, now - 1);
    };
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
