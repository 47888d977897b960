// Enters: now and then, how many pictures were shown so far. Leaves: whether they still come.
// Not its job: counting them, or doing anything about it.

export interface WatchSample {
  readonly nowMs: number;
  /** Pictures shown since the beginning; any number that grows with each will do. */
  readonly frames: number;
  /** The page is hidden: browsers show nothing then, so that nothing can be said. */
  readonly hidden: boolean;
}

/** `starved` comes again and again while no picture arrives. */
export type WatchVerdict = 'moving' | 'frozen' | 'starved' | 'same';

/**
 * Samples come every quarter of a second, so a picture may be that much older than its sample: what is told at 1.75 s
 * after the last sample with news is told within 2 s of the picture (rule V11).
 */
const FROZEN_MS = 1750;
/** A second connection costs little and takes the place of the first only once it shows something. */
const STARVED_MS = 2500;
const STARVED_AGAIN_MS = 5000;
const SLOW_INTERVALS = 3;
/**
 * After a freeze pictures must come for so long before they count: a node that repeats its last group of pictures, on a
 * join or when the browser asks for a key frame, shows the past in a burst that is shorter.
 */
const PROOF_MS = 1000;

export interface WatchOptions extends WatchSample {
  /** The picture follows a freeze, which began then, and has yet to prove that it moves; null when it does not. */
  readonly frozenSinceMs: number | null;
}

export class StallWatchdog {
  #frames: number;
  /** When the last sample with a new picture was taken; during a freeze the last one before it. */
  #newsMs: number;
  /** From when on silence counts; later than the news after the page was hidden. */
  #silenceFromMs: number;
  #frozen: boolean;
  #helpAtMs: number;
  /** During a freeze: pictures have come since, and the last of them then. */
  #proof: { readonly sinceMs: number; readonly lastMs: number } | undefined;
  /** The last two pauses between pictures; one freeze is not a slow camera, two equal pauses are. */
  #gaps: readonly [number, number] = [0, 0];

  constructor({ frames, frozenSinceMs, nowMs }: WatchOptions) {
    this.#frames = frames;
    this.#newsMs = frozenSinceMs ?? nowMs;
    this.#silenceFromMs = nowMs;
    this.#frozen = frozenSinceMs !== null;
    this.#helpAtMs = nowMs + STARVED_AGAIN_MS;
    if (this.#frozen) this.#proof = { sinceMs: nowMs, lastMs: nowMs };
  }

  /** When the last new picture came. */
  get newsMs(): number {
    return this.#newsMs;
  }

  sample({ nowMs, frames, hidden }: WatchSample): WatchVerdict {
    const news = frames !== this.#frames;
    if (news) this.#learnPace(nowMs, frames);
    if (!this.#frozen) return this.#whileMoving(nowMs, news, hidden);
    if (news && this.#proves(nowMs)) {
      this.#frozen = false;
      this.#proof = undefined;
      this.#newsMs = nowMs;
      this.#silenceFromMs = nowMs;
      return 'moving';
    }
    if (hidden) this.#helpAtMs = nowMs + STARVED_MS;
    if (nowMs < this.#helpAtMs) return 'same';
    this.#helpAtMs = nowMs + Math.max(STARVED_AGAIN_MS, 2 * this.#slowMs);
    return 'starved';
  }

  #whileMoving(nowMs: number, news: boolean, hidden: boolean): WatchVerdict {
    if (news) this.#newsMs = nowMs;
    if (news || hidden) this.#silenceFromMs = nowMs;
    if (nowMs - this.#silenceFromMs < Math.max(FROZEN_MS, this.#slowMs)) return 'same';
    this.#frozen = true;
    this.#helpAtMs = this.#silenceFromMs + Math.max(STARVED_MS, 2 * this.#slowMs);
    return 'frozen';
  }

  #learnPace(nowMs: number, frames: number): void {
    const lastMs = this.#proof?.lastMs ?? this.#newsMs;
    const gap = (nowMs - lastMs) / Math.max(1, frames - this.#frames);
    this.#gaps = [this.#gaps[1], gap];
    this.#frames = frames;
  }

  #proves(nowMs: number): boolean {
    const { lastMs, sinceMs } = this.#proof ?? { lastMs: nowMs, sinceMs: nowMs };
    const goesOn = nowMs - lastMs < Math.max(FROZEN_MS, this.#slowMs);
    this.#proof = { sinceMs: goesOn ? sinceMs : nowMs, lastMs: nowMs };
    return goesOn && nowMs - sinceMs >= PROOF_MS;
  }

  get #slowMs(): number {
    return SLOW_INTERVALS * Math.min(...this.#gaps);
  }
}
