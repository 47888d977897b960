/** Arrival and media time further apart than this: the estimate is thrown away and begun anew. */
const REANCHOR_MS = 5000;
/** Fastest drift that is followed smoothly: 500 ppm of the media time that passed. */
const SLEW = 500e-6;
/** Two sender reports that map media time to wall time this closely are believed. */
const CONSISTENT_MS = 500;

/**
 * When a frame was captured, ms since the Unix epoch. From the camera's sender reports once two of them agree and
 * their clock is within 5 s of ours, else from arrival. A step of the camera's clock never moves media time.
 */
export class CaptureClock {
  readonly #clockRate: number;
  /** Wall time of media time zero. */
  #offsetMs: number | null = null;
  #lastMediaMs = 0;
  #lastReportOffsetMs: number | null = null;
  #reportOffsetMs: number | null = null;
  #senderOffsetMs: number | null = null;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Whether sender reports are in use. */
  get fromSender(): boolean {
    return this.#reportOffsetMs !== null;
  }

  /** Wall time of media time zero by the camera's own clock, however wrong; null until two reports in a row agree. */
  get senderOffsetMs(): number | null {
    return this.#senderOffsetMs;
  }

  /** A sender report: at media time `ticks` the camera's clock showed `senderWallMs`. */
  report(ticks: number, senderWallMs: number, arrivalWallMs: number): void {
    const offset = senderWallMs - (ticks * 1000) / this.#clockRate;
    const consistent =
      this.#lastReportOffsetMs !== null && Math.abs(offset - this.#lastReportOffsetMs) <= CONSISTENT_MS;
    const plausible = Math.abs(senderWallMs - arrivalWallMs) <= REANCHOR_MS;
    this.#lastReportOffsetMs = offset;
    this.#senderOffsetMs = consistent ? offset : null;
    this.#reportOffsetMs = consistent && plausible ? offset : null;
  }

  wallClockMs(ticks: number, arrivalWallMs: number): number {
    const mediaMs = (ticks * 1000) / this.#clockRate;
    const target = this.#reportOffsetMs ?? arrivalWallMs - mediaMs;
    if (this.#offsetMs === null || Math.abs(target - this.#offsetMs) > REANCHOR_MS) {
      this.#offsetMs = target;
    } else {
      const most = Math.max(0, mediaMs - this.#lastMediaMs) * SLEW;
      this.#offsetMs += Math.max(-most, Math.min(most, target - this.#offsetMs));
    }
    this.#lastMediaMs = mediaMs;
    return Math.round(this.#offsetMs + mediaMs);
  }
}
