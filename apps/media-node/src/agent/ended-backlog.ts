import type { EndedSession } from '@vedette/contracts';

const MAX_ENTRIES = 10_000;
/** In one report; the rest follows once these are acknowledged. */
const MAX_A_REPORT = 1000;

/** Views that ended, kept until control has acknowledged a report that told of them. Bounded: the oldest go. */
export class EndedBacklog {
  #entries: { readonly ended: EndedSession; firstSeq: number }[] = [];
  /** Entries that were given up unheard. */
  lost = 0;

  add(ended: readonly EndedSession[]): void {
    for (const one of ended) this.#entries.push({ ended: one, firstSeq: 0 });
    const over = this.#entries.length - MAX_ENTRIES;
    if (over > 0) {
      this.#entries.splice(0, over);
      this.lost += over;
    }
  }

  /** What report `seq` tells. */
  forReport(seq: number): EndedSession[] {
    return this.#entries.slice(0, MAX_A_REPORT).map((entry) => {
      if (entry.firstSeq === 0) entry.firstSeq = seq;
      return entry.ended;
    });
  }

  /** Control has taken in report `seq`. */
  acknowledge(seq: number): void {
    const firstUnheard = this.#entries.findIndex((entry) => entry.firstSeq === 0 || entry.firstSeq > seq);
    this.#entries = firstUnheard === -1 ? [] : this.#entries.slice(firstUnheard);
  }
}
