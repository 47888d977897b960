// Frames of the leading track in, parts and segment ends out, on a time line of our own without gaps.
// Pure: knows neither bytes nor clocks. Not its job: audio beside video, naming, keeping.
import { medianTicks, partTargetTicks } from './part-target.ts';

export interface CutFrame {
  readonly dtsTicks: number;
  readonly key: boolean;
}

export interface CutSample<F extends CutFrame> {
  readonly frame: F;
  /** On our time line. */
  readonly decodeTicks: number;
  durationTicks: number;
}

export interface CutPart<F extends CutFrame> {
  readonly kind: 'part';
  readonly samples: readonly CutSample<F>[];
  readonly startTicks: number;
  readonly endTicks: number;
  /** Its first frame is a key frame. */
  readonly independent: boolean;
  /** First part of a segment. */
  readonly opensSegment: boolean;
  /** The segment that it opens does not go on from the one before: the source's time jumped. */
  readonly discontinuity: boolean;
}

/** `segment-end` closes the segment of the part before it. */
export type CutEvent<F extends CutFrame> = CutPart<F> | { readonly kind: 'segment-end' };

export interface PartCutterOptions {
  readonly clockRate: number;
  /** Where our time line begins, ticks. */
  readonly startTicks: number;
  /** Shortest part wanted, ms. */
  readonly partMs: number;
  /** PART-TARGET of an earlier stretch of the same playlist, ticks: it stays. */
  readonly partTargetTicks?: number | undefined;
  /** Frame interval known beforehand, ticks. */
  readonly frameTicks?: number | undefined;
  readonly minSegmentMs: number;
  /** The same for the very first segment, which a player waits for; `minSegmentMs` when absent. */
  readonly firstSegmentMs?: number | undefined;
  readonly targetDurationSeconds: number;
  /** What frames are cut; every one of sound is a key frame and as long as the others. */
  readonly kind?: 'video' | 'audio' | undefined;
}

/** RFC 8216bis section 4.4.4.9: every part but a segment's last lasts at least 85 % of PART-TARGET. */
const SHORTEST = 0.85;
/** A source's clock that strays further than this from our time line is a discontinuity at the next key frame. */
const JUMP_SECONDS = 1;
/** A frame interval that outlasts PART-TARGET by more is another frame rate, by less jitter. */
const SLOWER = 1.1;
const INTERVALS_REMEMBERED = 9;
/** Frames looked at before a PART-TARGET is set without a sane frame interval. */
const MAX_UNDECIDED = 64;
/** Guards against timestamps that stand still. */
const MAX_FRAMES_IN_PART = 256;

interface OpenPart<F extends CutFrame> {
  readonly samples: CutSample<F>[];
  readonly startTicks: number;
  readonly opensSegment: boolean;
  readonly discontinuity: boolean;
}

/**
 * A part is closed as soon as its last frame is there, with that frame's duration foretold; the next part begins
 * where it ended and takes up the difference. So parts come one frame interval earlier, the time line has no gap,
 * and jitter, a lost frame or a slowly changing frame rate never make a part longer than PART-TARGET.
 */
export class PartCutter<F extends CutFrame> {
  readonly #clockRate: number;
  readonly #partMs: number;
  readonly #kind: 'video' | 'audio';
  readonly #laterSegmentTicks: number;
  readonly #maxSegmentTicks: number;
  readonly #intervals: number[] = [];
  #frameTicks: number;
  #target: number;
  #undecided: F[] = [];
  /** End of what was cut: where the next part begins. */
  #endTicks: number;
  /** Our ticks less the source's; undefined until the first frame. */
  #offset: number | undefined;
  #lastDts: number | undefined;
  #part: OpenPart<F> | undefined;
  #segment: { readonly startTicks: number; readonly independent: boolean } | undefined;
  #minSegmentTicks: number;
  #cutAsked = false;

  constructor(options: PartCutterOptions) {
    this.#clockRate = options.clockRate;
    this.#partMs = options.partMs;
    this.#kind = options.kind ?? 'video';
    this.#laterSegmentTicks = (options.minSegmentMs * options.clockRate) / 1000;
    this.#minSegmentTicks = ((options.firstSegmentMs ?? options.minSegmentMs) * options.clockRate) / 1000;
    // EXTINF rounded to the nearest second may not exceed TARGETDURATION (RFC 8216 section 4.3.3.1).
    this.#maxSegmentTicks = (options.targetDurationSeconds + 0.49) * options.clockRate;
    this.#endTicks = options.startTicks;
    this.#frameTicks = Math.round(options.frameTicks ?? 0);
    this.#target = options.partTargetTicks ?? (this.#frameTicks > 0 ? this.#wantedTarget() : 0);
  }

  /** PART-TARGET, ticks; 0 until enough frames were seen. */
  get partTargetTicks(): number {
    return this.#target;
  }

  /** Measured frame interval, ticks; 0 until two frames were seen. */
  get frameTicks(): number {
    return this.#frameTicks;
  }

  get endTicks(): number {
    return this.#endTicks;
  }

  /** Our decode time of a moment of the source, ticks; undefined before the first frame. */
  get offsetTicks(): number | undefined {
    return this.#offset;
  }

  /** The next part opens a new segment, key frame or not: the present one has grown too large. */
  cutSegmentSoon(): void {
    this.#cutAsked = true;
  }

  /** The first frame must be a key frame. */
  push(frame: F): CutEvent<F>[] {
    this.#measure(frame.dtsTicks);
    const events: CutEvent<F>[] = [];
    if (this.#target > 0 && this.#frameTicks > 0) {
      this.#place(frame, events);
      return events;
    }
    this.#undecided.push(frame);
    if (!this.#decide()) return events;
    const frames = this.#undecided;
    this.#undecided = [];
    for (const waiting of frames) this.#place(waiting, events);
    return events;
  }

  /** Closes what is open; the cutter is not used afterwards. */
  end(): CutEvent<F>[] {
    const events: CutEvent<F>[] = [];
    if (this.#undecided.length > 0) {
      if (this.#frameTicks === 0) this.#frameTicks = Math.ceil((this.#partMs * this.#clockRate) / 1000);
      if (this.#target === 0) this.#target = this.#wantedTarget();
      for (const waiting of this.#undecided) this.#place(waiting, events);
      this.#undecided = [];
    }
    const last = this.#part?.samples.at(-1);
    if (last !== undefined) this.#closeShort(last.decodeTicks + Math.max(1, this.#frameTicks), events);
    if (this.#segment !== undefined) events.push({ kind: 'segment-end' });
    this.#segment = undefined;
    return events;
  }

  #measure(dtsTicks: number): void {
    if (this.#lastDts !== undefined && dtsTicks > this.#lastDts) {
      if (this.#intervals.length === INTERVALS_REMEMBERED) this.#intervals.shift();
      this.#intervals.push(dtsTicks - this.#lastDts);
      this.#frameTicks = medianTicks(this.#intervals);
    }
    this.#lastDts = dtsTicks;
  }

  #decide(): boolean {
    if (this.#undecided.length >= MAX_UNDECIDED) {
      if (this.#frameTicks === 0) this.#frameTicks = 1;
      if (this.#target === 0) this.#target = Math.ceil((this.#partMs * this.#clockRate) / 1000);
      return true;
    }
    if (this.#frameTicks === 0) return false;
    if (this.#target > 0) return true;
    const target = this.#wantedTarget();
    if (this.#undecided.length < Math.round(target / this.#frameTicks)) return false;
    this.#target = target;
    return true;
  }

  #wantedTarget(): number {
    return partTargetTicks(this.#frameTicks, this.#clockRate, this.#partMs, this.#kind);
  }

  #place(frame: F, events: CutEvent<F>[]): void {
    this.#offset ??= this.#endTicks - frame.dtsTicks;
    let at = frame.dtsTicks + this.#offset;
    const open = this.#part;
    if (frame.key && this.#segmentMayEnd(at)) {
      if (open !== undefined) this.#closeShort(at, events);
      this.#endSegment(events);
      const strayed = at - this.#endTicks;
      const jumped = Math.abs(strayed) > JUMP_SECONDS * this.#clockRate;
      if (jumped) {
        this.#offset -= strayed;
        at = this.#endTicks;
        // The one time that PART-TARGET may rise: a frame that outlasts it would stray again and again.
        if (this.#frameTicks > SLOWER * this.#target) this.#target = this.#wantedTarget();
      }
      this.#openPart(frame, jumped);
    } else if (open === undefined || this.#endsBy(open, at)) {
      if (open !== undefined) this.#close(at, events);
      if (this.#segment !== undefined && this.#segmentIsFull()) this.#endSegment(events);
      this.#openPart(frame, false);
    } else {
      const previous = open.samples.at(-1)?.decodeTicks ?? open.startTicks;
      open.samples.push({ frame, decodeTicks: Math.max(at, previous + 1), durationTicks: 1 });
    }
    if (this.#part !== undefined && this.#endsBy(this.#part, at + this.#frameTicks)) {
      this.#close(at + this.#frameTicks, events);
    }
  }

  /** Whether the part should end at `ticks` rather than one frame later. */
  #endsBy(part: OpenPart<F>, ticks: number): boolean {
    if (part.samples.length >= MAX_FRAMES_IN_PART) return true;
    const last = part.samples.at(-1)?.decodeTicks ?? part.startTicks;
    if (last + 1 >= part.startTicks + this.#shortest()) return true;
    return this.#misfit(part, ticks) <= this.#misfit(part, ticks + this.#frameTicks);
  }

  /** How far the end of a part would have to be moved to make its duration valid, were it to end at `ticks`. */
  #misfit(part: OpenPart<F>, ticks: number): number {
    return Math.abs(this.#validEnd(part, ticks) - ticks);
  }

  #validEnd(part: OpenPart<F>, ticks: number): number {
    return Math.min(Math.max(ticks, part.startTicks + this.#shortest()), part.startTicks + this.#target);
  }

  #shortest(): number {
    return Math.ceil(SHORTEST * this.#target);
  }

  /** A segment that began without a key frame ends at the first one; others last long enough first. */
  #segmentMayEnd(atTicks: number): boolean {
    const segment = this.#segment;
    if (segment === undefined) return false;
    const lasts = Math.max(atTicks, this.#endTicks) - segment.startTicks;
    return !segment.independent || lasts + this.#frameTicks / 2 >= this.#minSegmentTicks;
  }

  #segmentIsFull(): boolean {
    const segment = this.#segment;
    if (segment === undefined) return false;
    return this.#cutAsked || this.#endTicks + this.#target - segment.startTicks > this.#maxSegmentTicks;
  }

  #openPart(frame: F, discontinuity: boolean): void {
    const startTicks = this.#endTicks;
    const opensSegment = this.#segment === undefined;
    if (opensSegment) {
      this.#segment = { startTicks, independent: frame.key };
      this.#cutAsked = false;
    }
    const samples = [{ frame, decodeTicks: startTicks, durationTicks: 1 }];
    this.#part = { samples, startTicks, opensSegment, discontinuity };
  }

  #close(endTicks: number, events: CutEvent<F>[]): void {
    if (this.#part !== undefined) this.#emit(this.#part, this.#validEnd(this.#part, endTicks), events);
  }

  /** The last part of a segment may be as short as it is. */
  #closeShort(endTicks: number, events: CutEvent<F>[]): void {
    const part = this.#part;
    if (part === undefined) return;
    const last = part.samples.at(-1)?.decodeTicks ?? part.startTicks;
    this.#emit(part, Math.min(Math.max(endTicks, last + 1), part.startTicks + this.#target), events);
  }

  #emit(part: OpenPart<F>, endTicks: number, events: CutEvent<F>[]): void {
    let next = endTicks;
    for (let i = part.samples.length - 1; i >= 0; i -= 1) {
      const sample = part.samples[i];
      if (sample === undefined) continue;
      sample.durationTicks = next - sample.decodeTicks;
      next = sample.decodeTicks;
    }
    this.#part = undefined;
    this.#endTicks = endTicks;
    events.push({
      kind: 'part',
      samples: part.samples,
      startTicks: part.startTicks,
      endTicks,
      independent: part.samples[0]?.frame.key === true,
      opensSegment: part.opensSegment,
      discontinuity: part.discontinuity,
    });
  }

  #endSegment(events: CutEvent<F>[]): void {
    if (this.#segment === undefined) return;
    events.push({ kind: 'segment-end' });
    this.#segment = undefined;
    this.#minSegmentTicks = this.#laterSegmentTicks;
  }
}
