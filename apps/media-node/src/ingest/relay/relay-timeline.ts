import type { EncodedFrame, Track } from '@vedette/media-types';

const TICKS_A_SECOND = 90_000;
/** Between the last frame before a gap and the first after it: a frame's length, as far as anyone can tell. */
const GAP_TICKS = 3000;

/** Moves the time line of the giving node's run to where ours goes on; all tracks by the same time. */
export class RelayTimeline {
  readonly #firstTicks: number | undefined;
  readonly #clockRates = new Map<number, number>();
  #shiftSeconds: number | undefined;
  #lastTicks: number | undefined;

  /** Ticks of 90 kHz after which the first frame has to come; undefined where the run begins. */
  constructor(firstTicks: number | undefined) {
    this.#firstTicks = firstTicks;
    this.#lastTicks = firstTicks;
  }

  /** Where the next pull goes on, ticks of 90 kHz. */
  get lastTicks(): number | undefined {
    return this.#lastTicks;
  }

  tracks(tracks: readonly Track[]): void {
    this.#clockRates.clear();
    for (const { id, clockRate } of tracks) this.#clockRates.set(id, clockRate);
  }

  /** Undefined for a frame of no announced track, and for sound that lies before where the run has come to. */
  moved(frame: EncodedFrame): EncodedFrame | undefined {
    const clockRate = this.#clockRates.get(frame.trackId);
    if (clockRate === undefined) return undefined;
    const first = this.#firstTicks;
    this.#shiftSeconds ??=
      first === undefined ? 0 : (first + GAP_TICKS) / TICKS_A_SECOND - frame.dtsTicks / clockRate;
    const shift = Math.round(this.#shiftSeconds * clockRate);
    const dtsTicks = frame.dtsTicks + shift;
    if (dtsTicks < 0 || (first !== undefined && dtsTicks / clockRate < first / TICKS_A_SECOND))
      return undefined;
    const ptsTicks = frame.ptsTicks + shift;
    this.#lastTicks = Math.max(
      this.#lastTicks ?? 0,
      Math.ceil((Math.max(dtsTicks, ptsTicks) * TICKS_A_SECOND) / clockRate),
    );
    return shift === 0 ? frame : { ...frame, dtsTicks, ptsTicks };
  }
}
