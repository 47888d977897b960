// Frames of one stream in, playlists and media as ready-made buffers out: one muxer a stream, whoever watches.
// Not its job: who may watch, HTTP, and when to exist (hls-egress.ts).
import type { CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import { type Clock, VedetteError } from '@vedette/runtime';
import { HlsPackager, leadOf, type PackagedPart } from './hls-packager.ts';
import { MediaNames, parseMediaName, sameName } from './media-names.ts';
import { deltaPlaylist, mediaPlaylist, type RenditionReport } from './media-playlist.ts';
import type { VariantFacts } from './multivariant-playlist.ts';
import { type PlaylistPosition, positionIsThere, positionIsTooFar } from './playlist-position.ts';
import { RenderedPlaylist } from './rendered-playlist.ts';
import { RequestGate } from './request-gate.ts';
import { type HlsInit, type HlsPart, type HlsSegment, SegmentWindow } from './segment-window.ts';
import { targetDurationSeconds } from './target-duration.ts';
import { guessedBits } from './variant-facts.ts';

export interface HlsMuxerOptions {
  readonly id: string;
  readonly clock: Clock;
  /** Of the stream, as in URLs. */
  readonly path: string;
  /** Public and unique for each life of the muxer; part of every media URL. */
  readonly run: string;
  /** 32 random bytes; media names are keyed with it. */
  readonly secret: Uint8Array;
  /** Shortest part wanted, ms; default 200. */
  readonly partMs?: number | undefined;
  /** Key-frame interval remembered from the camera, ms; TARGETDURATION is 10 s without it. */
  readonly expectedGopMs?: number | undefined;
  /** Frame interval known beforehand, ms; measured otherwise. */
  readonly expectedFrameMs?: number | undefined;
  /** Memory for media; default 32 MB. */
  readonly limitBytes?: number | undefined;
  /** Of the other renditions of the same camera that are being watched. */
  readonly reports?: (() => readonly RenditionReport[]) | undefined;
  /** The hub closed it, or the owner did. */
  readonly onClose?: ((reason: CloseReason) => void) | undefined;
}

export interface PlaylistRequest {
  /** Absent: the playlist as it is, or its first version when there is none yet. */
  readonly position?: PlaylistPosition | undefined;
  /** `_HLS_skip`. */
  readonly delta: boolean;
  readonly timeoutMs: number;
  /** Whoever `release` names later. */
  readonly owner: unknown;
}

const MIN_SEGMENT_MS = 1000;
const SOUND_SEGMENT_SECONDS = 2;
/** One more than the skip boundary, so that delta updates have something to skip. */
const MIN_SEGMENTS = 7;
const MAX_BLOCKED_REQUESTS = 4096;
/** Sequence numbers begin at the seconds since then: a later life of the stream, on whatever node, goes on higher. */
const SEQUENCE_EPOCH_MS = Date.UTC(2026, 0, 1);
/**
 * The discontinuity sequence begins somewhere below this, so that a later life of the stream is told apart from the
 * one before. Never large: hls.js copies sparse arrays of that length for every part (0.3 s a part at 2.8e7).
 */
const DISCONTINUITY_CYCLE = 512;

export class HlsMuxer implements Subscriber {
  readonly id: string;
  readonly run: string;
  readonly #clock: Clock;
  readonly #limitBytes: number;
  readonly #names: MediaNames;
  readonly #packager: HlsPackager;
  readonly #window: SegmentWindow;
  readonly #gate: RequestGate<RenderedPlaylist | 'known'>;
  /** Apart, because media has no viewer's name on it: too many hinted parts held never keep a playlist from anybody. */
  readonly #mediaGate: RequestGate<Buffer>;
  readonly #prefix: string;
  readonly #reports: () => readonly RenditionReport[];
  readonly #onClose: ((reason: CloseReason) => void) | undefined;
  readonly #pictureTargetSeconds: number;
  #targetDurationSeconds: number;
  #init: HlsInit | undefined;
  #nextPartId = 0;
  #nextPartName: string;
  #independentSegments = true;
  #full: RenderedPlaylist | undefined;
  #delta: RenderedPlaylist | undefined;
  #closed: VedetteError | undefined;
  #mediaBytes = 0;
  #frames = 0;
  #lastRequestAtMs: number;

  constructor(options: HlsMuxerOptions) {
    this.id = options.id;
    this.run = options.run;
    this.#pictureTargetSeconds = targetDurationSeconds(options.expectedGopMs, MIN_SEGMENT_MS);
    this.#targetDurationSeconds = this.#pictureTargetSeconds;
    this.#clock = options.clock;
    this.#onClose = options.onClose;
    this.#limitBytes = options.limitBytes ?? 32 * 1024 * 1024;
    this.#names = new MediaNames(options);
    this.#packager = new HlsPackager({
      output: {
        init: (data) => this.#publishInit(data),
        part: (part) => this.#publishPart(part),
        segmentEnd: (whole) => this.#endSegment(whole),
      },
      partMs: options.partMs ?? 200,
      minSegmentMs: MIN_SEGMENT_MS,
      targetDurationSeconds: () => this.#targetDurationSeconds,
      expectedFrameMs: options.expectedFrameMs,
    });
    const sequence = Math.max(0, Math.floor((options.clock.wallNow() - SEQUENCE_EPOCH_MS) / 1000));
    this.#window = new SegmentWindow({
      firstSequence: sequence,
      firstDiscontinuitySequence: sequence % DISCONTINUITY_CYCLE,
      minSegments: MIN_SEGMENTS,
      minSeconds: () => 3 * this.#targetDurationSeconds,
      limitBytes: this.#limitBytes,
    });
    this.#gate = new RequestGate({ clock: options.clock, limit: MAX_BLOCKED_REQUESTS });
    this.#mediaGate = new RequestGate({ clock: options.clock, limit: MAX_BLOCKED_REQUESTS });
    this.#reports = options.reports ?? (() => []);
    this.#prefix = `../../-/${options.path}/${options.run}/`;
    this.#nextPartName = this.#names.part(0);
    this.#lastRequestAtMs = options.clock.now();
  }

  /** There is a playlist that a player can begin with: a finished segment and a part. */
  get started(): boolean {
    return this.#nextPartId > 0 && this.#window.segments[0]?.complete === true;
  }

  /** EXT-X-TARGETDURATION, seconds; the same from the first playlist on. */
  get targetDurationSeconds(): number {
    return this.#targetDurationSeconds;
  }

  /** Of its media; there is no other track than sound. */
  get isSoundAlone(): boolean {
    return this.#packager.lead?.kind === 'audio';
  }

  /** Of a playlist or media, on the monotonic clock, ms. */
  get lastRequestAtMs(): number {
    return this.#lastRequestAtMs;
  }

  /** Published since the beginning: what a viewer who fetches every part once has received. */
  get mediaBytes(): number {
    return this.#mediaBytes;
  }

  /** Of the leading track, published since the beginning. */
  get frames(): number {
    return this.#frames;
  }

  /** Memory held for media. */
  get heldBytes(): number {
    return this.#window.bytes;
  }

  get blockedRequests(): number {
    return this.#gate.size + this.#mediaGate.size;
  }

  tracks(tracks: readonly Track[]): void {
    if (this.#closed !== undefined) return;
    if (this.#nextPartId === 0) {
      const isSound = leadOf(tracks)?.kind === 'audio';
      this.#targetDurationSeconds = isSound ? SOUND_SEGMENT_SECONDS : this.#pictureTargetSeconds;
    }
    this.#packager.tracks(tracks);
  }

  frame(frame: EncodedFrame): void {
    if (this.#closed === undefined) this.#packager.frame(frame);
  }

  close(reason: CloseReason): void {
    if (this.#closed !== undefined) return;
    this.#closed = new VedetteError(reason === 'shutting_down' ? 'unavailable' : 'not_running');
    this.#gate.close(this.#closed);
    this.#mediaGate.close(this.#closed);
    this.#onClose?.(reason);
  }

  /** As soon as the codecs are known, which is before the first picture; `unavailable` after `timeoutMs`. */
  async facts(timeoutMs: number, owner: unknown): Promise<VariantFacts> {
    this.#touch();
    await this.#gate.wait(() => (this.#init === undefined ? undefined : 'known'), timeoutMs, owner);
    const lead = this.#packager.lead;
    const { frameSeconds, codecs } = this.#packager;
    const { peak, average } = this.#window.bitsPerSecond();
    return {
      codecs,
      resolution: lead?.kind === 'video' ? lead : undefined,
      frameRate: lead?.kind === 'video' && frameSeconds > 0 ? 1 / frameSeconds : undefined,
      peakBitsPerSecond: peak || guessedBits(lead),
      averageBitsPerSecond: average || guessedBits(lead),
    };
  }

  /** Where it stands, for the players of its siblings; undefined before there is a playlist. */
  report(): Omit<RenditionReport, 'uri'> | undefined {
    const last = this.#window.segments.at(-1);
    if (!this.started || last === undefined) return undefined;
    return { sequence: last.sequence, part: Math.max(0, last.parts.length - 1) };
  }

  /**
   * The media playlist as soon as it holds `position`. Throws `invalid_request` when that lies further ahead than
   * draft-pantos-hls-rfc8216bis section 6.2.5.2 allows; rejects `unavailable` after `timeoutMs`, `not_running` when
   * the stream ends.
   */
  playlist(request: PlaylistRequest): RenderedPlaylist | Promise<RenderedPlaylist> {
    this.#touch();
    const { position, delta } = request;
    if (
      position !== undefined &&
      positionIsTooFar(position, this.#window, this.#packager.partTargetSeconds)
    ) {
      throw new VedetteError('invalid_request', {
        detail: 'The position lies too far ahead of the playlist.',
        fields: [{ path: '_HLS_msn', message: 'lies too far ahead of the playlist' }],
      });
    }
    const ready = () =>
      this.started && (position === undefined || positionIsThere(position, this.#window))
        ? this.#render(delta)
        : undefined;
    const rendered = this.#closed === undefined ? ready() : undefined;
    return (
      rendered ?? (this.#gate.wait(ready, request.timeoutMs, request.owner) as Promise<RenderedPlaylist>)
    );
  }

  /**
   * Bytes of an init segment, part or segment by the name that the playlist told. The hinted part is waited for.
   * Undefined for every other name.
   */
  media(name: string, timeoutMs: number): Buffer | Promise<Buffer> | undefined {
    const parsed = parseMediaName(name);
    if (parsed === undefined) return undefined;
    switch (parsed.kind) {
      case 'init': {
        const init = this.#window.init(parsed.number);
        return init !== undefined && sameName(init.name, name) ? this.#given(init.data) : undefined;
      }
      case 'segment': {
        const segment = this.#window.segment(parsed.number);
        if (segment === undefined || !segment.complete || !sameName(segment.name, name)) return undefined;
        return this.#given(this.#window.wholeSegment(segment));
      }
      case 'part': {
        const part = this.#window.part(parsed.number);
        if (part !== undefined) return sameName(part.name, name) ? this.#given(bytesOf(part)) : undefined;
        if (parsed.number !== this.#nextPartId || !sameName(this.#nextPartName, name)) return undefined;
        this.#touch();
        const ready = () => {
          const hinted = this.#window.part(parsed.number);
          return hinted === undefined ? undefined : bytesOf(hinted);
        };
        return this.#mediaGate.wait(ready, timeoutMs, undefined);
      }
    }
  }

  /** Requests of `owner` that are being held are answered with `error`. */
  release(owner: unknown, error: VedetteError): void {
    this.#gate.fail(owner, error);
  }

  #touch(): void {
    this.#lastRequestAtMs = this.#clock.now();
  }

  #given(data: Buffer): Buffer {
    this.#touch();
    return data;
  }

  #publishInit(data: Buffer): void {
    const version = (this.#init?.version ?? 0) + 1;
    this.#init = { version, name: this.#names.init(version), data };
    this.#window.addInit(this.#init);
    this.#gate.changed();
  }

  #publishPart(part: PackagedPart): void {
    if (part.segment !== undefined) this.#openSegment({ independent: part.independent, ...part.segment });
    const { data, seconds, independent } = part;
    this.#window.addPart({ id: this.#nextPartId, name: this.#nextPartName, data, seconds, independent });
    this.#nextPartId += 1;
    this.#nextPartName = this.#names.part(this.#nextPartId);
    if (data instanceof Buffer) this.#mediaBytes += data.byteLength;
    this.#frames += part.frames;
    if ((this.#window.open?.bytes ?? 0) > this.#limitBytes / 4) this.#packager.cutSegmentSoon();
    this.#changed();
  }

  #openSegment(segment: Pick<HlsSegment, 'independent' | 'discontinuity' | 'wallClockMs'>): void {
    if (this.#init === undefined) return;
    if (!segment.independent) this.#independentSegments = false;
    const name = this.#names.segment(this.#window.nextSequence);
    this.#window.openSegment({ name, init: this.#init, ...segment });
  }

  #endSegment(whole: Buffer | undefined): void {
    this.#window.completeSegment(whole);
    this.#mediaBytes += whole?.byteLength ?? 0;
    this.#changed();
  }

  #changed(): void {
    this.#full = undefined;
    this.#delta = undefined;
    this.#gate.changed();
    this.#mediaGate.changed();
  }

  /** Once for all viewers after each change, and only if somebody asks. */
  #render(delta: boolean): RenderedPlaylist {
    const known = delta ? this.#delta : this.#full;
    if (known !== undefined) return known;
    const view = {
      targetDurationSeconds: this.targetDurationSeconds,
      partTargetSeconds: this.#packager.partTargetSeconds,
      independentSegments: this.#independentSegments,
      discontinuitySequence: this.#window.discontinuitySequence,
      segments: this.#window.segments,
      prefix: this.#prefix,
      nextPartName: this.#nextPartName,
      reports: this.#reports(),
    };
    const text = delta ? deltaPlaylist(view) : undefined;
    if (text !== undefined) {
      this.#delta = new RenderedPlaylist(text);
      return this.#delta;
    }
    this.#full ??= new RenderedPlaylist(mediaPlaylist(view));
    if (delta) this.#delta = this.#full;
    return this.#full;
  }
}

function bytesOf(part: HlsPart): Buffer {
  return typeof part.data === 'function' ? part.data() : part.data;
}
