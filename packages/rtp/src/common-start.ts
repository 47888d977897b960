/**
 * Where the tracks of one pull begin on their common time line: as far apart as their first packets arrived. Until
 * sender reports say better, nothing else is known of it.
 */
export class CommonStart {
  #firstArrivalMs: number | undefined;

  /** A packet of any track; `arrivalMs` is monotonic. */
  heard(arrivalMs: number): void {
    this.#firstArrivalMs ??= arrivalMs;
  }

  /** Ms after the first packet of all. */
  offsetMs(arrivalMs: number): number {
    return Math.max(0, arrivalMs - (this.#firstArrivalMs ?? arrivalMs));
  }
}
