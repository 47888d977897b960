// Parts and segments as a playlist shows them and as requests find them; old ones leave by count, time and bytes.
// Not its job: making them, rendering them, waiting for them.

export interface HlsInit {
  readonly version: number;
  readonly name: string;
  readonly data: Buffer;
}

export interface HlsPart {
  readonly id: number;
  readonly name: string;
  readonly seconds: number;
  readonly independent: boolean;
  /** `moof` and `mdat`; a function where they are made only if somebody asks. */
  data: Buffer | (() => Buffer);
}

export interface HlsSegment {
  readonly sequence: number;
  readonly name: string;
  readonly init: HlsInit;
  readonly discontinuity: boolean;
  /** Its first frame is a key frame. */
  readonly independent: boolean;
  /** Capture time of its first frame, ms since the Unix epoch. */
  readonly wallClockMs: number;
  readonly parts: HlsPart[];
  seconds: number;
  bytes: number;
  complete: boolean;
  /** In one piece; made from the parts when a whole segment is first asked for. */
  whole: Buffer | undefined;
}

export interface SegmentWindowOptions {
  readonly firstSequence: number;
  readonly firstDiscontinuitySequence: number;
  /** Complete segments listed at least. */
  readonly minSegments: number;
  /** Media time listed at least, seconds (RFC 8216 section 6.2.2: three target durations). */
  readonly minSeconds: () => number;
  /** Everything held, listed or not. */
  readonly limitBytes: number;
}

/** Segments that have left the playlist and can still be fetched by who read it before. */
const RETIRED_SEGMENTS = 2;
/** Sums of durations that are none in binary. */
const ROUNDING = 1e-6;

export class SegmentWindow {
  readonly #options: SegmentWindowOptions;
  readonly #listed: HlsSegment[] = [];
  readonly #retired: HlsSegment[] = [];
  readonly #parts = new Map<number, HlsPart>();
  readonly #inits = new Map<number, HlsInit>();
  #nextSequence: number;
  #discontinuitySequence: number;
  #listedSeconds = 0;
  #bytes = 0;

  constructor(options: SegmentWindowOptions) {
    this.#options = options;
    this.#nextSequence = options.firstSequence;
    this.#discontinuitySequence = options.firstDiscontinuitySequence;
  }

  /** Oldest first; the last one may be incomplete. */
  get segments(): readonly HlsSegment[] {
    return this.#listed;
  }

  /** EXT-X-MEDIA-SEQUENCE. */
  get firstSequence(): number {
    return this.#listed[0]?.sequence ?? this.#nextSequence;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** EXT-X-DISCONTINUITY-SEQUENCE: grows when a segment that carried the tag leaves (RFC 8216 section 6.2.2). */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get open(): HlsSegment | undefined {
    const last = this.#listed.at(-1);
    return last?.complete === false ? last : undefined;
  }

  addInit(init: HlsInit): void {
    this.#inits.set(init.version, init);
    this.#bytes += init.data.byteLength;
  }

  init(version: number): HlsInit | undefined {
    return this.#inits.get(version);
  }

  part(id: number): HlsPart | undefined {
    return this.#parts.get(id);
  }

  segment(sequence: number): HlsSegment | undefined {
    const oldest = this.#retired[0] ?? this.#listed[0];
    if (oldest === undefined) return undefined;
    const index = sequence - oldest.sequence;
    return index < this.#retired.length ? this.#retired[index] : this.#listed[index - this.#retired.length];
  }

  openSegment(
    segment: Pick<HlsSegment, 'name' | 'init' | 'discontinuity' | 'independent' | 'wallClockMs'>,
  ): void {
    const { name, init, discontinuity, independent, wallClockMs } = segment;
    this.#listed.push({
      sequence: this.#nextSequence,
      name,
      init,
      discontinuity,
      independent,
      wallClockMs,
      parts: [],
      seconds: 0,
      bytes: 0,
      complete: false,
      whole: undefined,
    });
    this.#nextSequence += 1;
  }

  addPart(part: HlsPart): void {
    const segment = this.open;
    if (segment === undefined) throw new TypeError('no segment is open');
    segment.parts.push(part);
    segment.seconds += part.seconds;
    this.#parts.set(part.id, part);
    this.#listedSeconds += part.seconds;
    if (part.data instanceof Buffer) this.#grow(segment, part.data.byteLength);
    this.#trim();
  }

  /** `whole` where the segment is not simply its parts. */
  completeSegment(whole?: Buffer): void {
    const segment = this.open;
    if (segment === undefined) return;
    segment.complete = true;
    if (whole !== undefined) {
      segment.whole = whole;
      this.#grow(segment, whole.byteLength);
    }
    this.#trim();
  }

  #grow(segment: HlsSegment, bytes: number): void {
    segment.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Over the complete listed segments; zero before the first. */
  bitsPerSecond(): { readonly peak: number; readonly average: number } {
    let peak = 0;
    let bytes = 0;
    let seconds = 0;
    for (const segment of this.#listed) {
      if (!segment.complete || segment.seconds <= 0) continue;
      peak = Math.max(peak, (segment.bytes * 8) / segment.seconds);
      bytes += segment.bytes;
      seconds += segment.seconds;
    }
    return { peak, average: seconds > 0 ? (bytes * 8) / seconds : 0 };
  }

  /** A complete segment in one piece; afterwards its parts are views of that piece, so that it is held once. */
  wholeSegment(segment: HlsSegment): Buffer {
    if (segment.whole !== undefined) return segment.whole;
    const whole = Buffer.allocUnsafeSlow(segment.bytes);
    let at = 0;
    for (const part of segment.parts) {
      if (!(part.data instanceof Buffer)) continue;
      whole.set(part.data, at);
      part.data = whole.subarray(at, at + part.data.byteLength);
      at += part.data.byteLength;
    }
    segment.whole = whole;
    return whole;
  }

  #trim(): void {
    const { minSegments, minSeconds, limitBytes } = this.#options;
    for (;;) {
      const first = this.#listed[0];
      if (first === undefined || this.#listed.length < 2 || !first.complete) break;
      const complete = this.#listed.length - (this.open === undefined ? 0 : 1);
      // What is being made does not count yet (RFC 8216 section 6.2.2).
      const left = this.#listedSeconds - first.seconds - (this.open?.seconds ?? 0);
      const spare = complete > minSegments && left >= minSeconds() - ROUNDING;
      if (!spare && this.#bytes <= limitBytes) break;
      if (!spare && this.#retired.length > 0) this.#forgetRetired();
      else this.#retire(first);
    }
    while (this.#retired.length > RETIRED_SEGMENTS) this.#forgetRetired();
  }

  #retire(first: HlsSegment): void {
    this.#listed.shift();
    this.#listedSeconds -= first.seconds;
    this.#retired.push(first);
    if (first.discontinuity) this.#discontinuitySequence += 1;
  }

  #forgetRetired(): void {
    const gone = this.#retired.shift();
    if (gone === undefined) return;
    this.#bytes -= gone.bytes;
    for (const part of gone.parts) this.#parts.delete(part.id);
    const oldest = this.#retired[0] ?? this.#listed[0];
    if (oldest === undefined) return;
    for (const [version, init] of this.#inits) {
      if (version >= oldest.init.version) break;
      this.#inits.delete(version);
      this.#bytes -= init.data.byteLength;
    }
  }
}
