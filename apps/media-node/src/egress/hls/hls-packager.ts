// Tracks and frames in, init segments and parts as bytes out, with all that a playlist says about them.
// Not its job: names, keeping, playlists.
import { canPackage, codecString, type FragmentTrack, initSegment, mediaFragment } from '@vedette/fmp4';
import type { AudioTrack, EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import { AudioLane } from './audio-lane.ts';
import { type CutEvent, type CutPart, PartCutter } from './part-cutter.ts';

export interface PackagedPart {
  /** `moof` and `mdat`; a function where they are made only if somebody asks. */
  readonly data: Buffer | (() => Buffer);
  readonly seconds: number;
  readonly independent: boolean;
  readonly frames: number;
  /** Set on the first part of a segment. */
  readonly segment?: { readonly discontinuity: boolean; readonly wallClockMs: number } | undefined;
}

export interface PackagerOutput {
  init(data: Buffer): void;
  part(part: PackagedPart): void;
  /** `whole` where the segment is not simply its parts. */
  segmentEnd(whole?: Buffer): void;
}

export interface HlsPackagerOptions {
  readonly output: PackagerOutput;
  readonly partMs: number;
  /** Of pictures; sound alone is cut by the target duration. */
  readonly minSegmentMs: number;
  /** Asked when the first frame comes. */
  readonly targetDurationSeconds: () => number;
  /** Frame interval known beforehand, ms. */
  readonly expectedFrameMs?: number | undefined;
}

/** Where the first part begins. No decode time is ever negative, even where composition offsets are. */
const START_SECONDS = 10;
/** Longer than a player takes from reading the playlist to having begun. */
const STILL_SECONDS = 2;
/** PART-HOLD-BACK in parts. */
const STILL_MIN_PARTS = 3;
/** A first segment of PART-HOLD-BACK. */
const FIRST_SOUND_PARTS = 3;
/** A capture clock that differs by more from the media time is believed at once, by less little by little. */
const WALL_CLOCK_STEP_MS = 500;
const WALL_CLOCK_SLEW = 0.1;

export class HlsPackager implements FrameSink {
  readonly #options: HlsPackagerOptions;
  #lead: Track | undefined;
  #audio: AudioTrack | undefined;
  #codecs: readonly string[] = [];
  #cutter: PartCutter<EncodedFrame> | undefined;
  #lane: AudioLane | undefined;
  #sequence = 0;
  #endSeconds = START_SECONDS;
  #partTargetSeconds = 0;
  #frameSeconds: number;
  #jumped = false;
  #lastSegment: { readonly startSeconds: number; readonly wallClockMs: number } | undefined;

  constructor(options: HlsPackagerOptions) {
    this.#options = options;
    this.#frameSeconds = (options.expectedFrameMs ?? 0) / 1000;
  }

  /** RFC 6381, of the tracks that are packaged; empty until they are known. */
  get codecs(): readonly string[] {
    return this.#codecs;
  }

  /** The track that parts are cut by: video where there is any. */
  get lead(): Track | undefined {
    return this.#lead;
  }

  /** PART-TARGET; 0 until the first part. */
  get partTargetSeconds(): number {
    return this.#partTargetSeconds;
  }

  /** Of the leading track; 0 until measured. */
  get frameSeconds(): number {
    return this.#frameSeconds;
  }

  /** The next part opens a new segment, key frame or not. */
  cutSegmentSoon(): void {
    this.#cutter?.cutSegmentSoon();
  }

  tracks(tracks: readonly Track[]): void {
    this.#endStretch();
    const playable = tracks.filter(canPackage);
    const lead = leadOf(tracks);
    this.#lead = lead;
    this.#audio = undefined;
    this.#lane = undefined;
    if (lead === undefined) return;
    if (lead.kind === 'video') {
      this.#audio = playable.find((track) => track.kind === 'audio');
      this.#lane = this.#audio === undefined ? undefined : new AudioLane(this.#audio);
    }
    const packaged = this.#audio === undefined ? [lead] : [lead, this.#audio];
    this.#codecs = packaged.map(codecString);
    this.#options.output.init(initSegment(packaged));
  }

  frame(frame: EncodedFrame): void {
    const lead = this.#lead;
    if (lead === undefined) return;
    if (frame.trackId !== lead.id) {
      if (frame.trackId === this.#audio?.id) this.#lane?.push(frame);
      return;
    }
    if (this.#cutter === undefined) {
      if (!frame.key) return;
      this.#cutter = this.#newCutter(lead);
      this.#lane?.anchor(this.#endSeconds, frame.wallClockMs);
    }
    this.#apply(this.#cutter.push(frame), lead.clockRate);
  }

  #newCutter({ kind, clockRate }: Track): PartCutter<EncodedFrame> {
    const { partMs } = this.#options;
    const targetDurationSeconds = this.#options.targetDurationSeconds();
    return new PartCutter({
      kind,
      clockRate,
      startTicks: Math.ceil(this.#endSeconds * clockRate),
      partMs,
      partTargetTicks: Math.round(this.#partTargetSeconds * clockRate),
      frameTicks: this.#frameSeconds * clockRate,
      minSegmentMs: kind === 'video' ? this.#options.minSegmentMs : targetDurationSeconds * 1000,
      // Of sound there is no still that could stand before it.
      firstSegmentMs: kind === 'audio' && this.#sequence === 0 ? FIRST_SOUND_PARTS * partMs : undefined,
      targetDurationSeconds,
    });
  }

  /** The source starts anew: what was cut stays, what follows is another time line. */
  #endStretch(): void {
    if (this.#cutter === undefined || this.#lead === undefined) return;
    this.#apply(this.#cutter.end(), this.#lead.clockRate);
    this.#cutter = undefined;
    this.#jumped = true;
  }

  #apply(events: readonly CutEvent<EncodedFrame>[], clockRate: number): void {
    for (const event of events) {
      if (event.kind === 'part') this.#part(event, clockRate);
      else this.#options.output.segmentEnd();
    }
  }

  #part(cut: CutPart<EncodedFrame>, clockRate: number): void {
    const startSeconds = cut.startTicks / clockRate;
    const first = cut.samples[0];
    if (first === undefined) return;
    this.#endSeconds = cut.endTicks / clockRate;
    this.#partTargetSeconds = (this.#cutter?.partTargetTicks ?? 0) / clockRate;
    this.#frameSeconds = (this.#cutter?.frameTicks ?? 0) / clockRate;
    if (cut.discontinuity) {
      this.#jumped = true;
      this.#lane?.anchor(startSeconds, first.frame.wallClockMs);
    }
    const tracks: FragmentTrack[] = [
      {
        id: 1,
        decodeTicks: cut.startTicks,
        samples: cut.samples.map((sample) => ({
          data: withoutParameterSets(sample.frame),
          durationTicks: sample.durationTicks,
          compositionTicks: sample.frame.ptsTicks - sample.frame.dtsTicks,
          key: sample.frame.key,
        })),
      },
    ];
    if (this.#sequence === 0 && first.frame.kind === 'video') {
      const partTicks = Math.round(this.#partTargetSeconds * clockRate);
      this.#still(first.frame, cut.startTicks, partTicks, clockRate);
    }
    const audio = this.#lane?.take();
    if (audio !== undefined) tracks.push({ id: 2, ...audio });
    this.#sequence += 1;
    this.#options.output.part({
      data: mediaFragment(this.#sequence, tracks),
      seconds: this.#endSeconds - startSeconds,
      independent: cut.independent,
      frames: cut.samples.length,
      segment: cut.opensSegment ? this.#openSegment(startSeconds, first.frame.wallClockMs) : undefined,
    });
  }

  /**
   * hls.js and FFmpeg refuse a playlist without a finished segment, which on a cold start would come a whole GOP
   * later. So the first key frame stands as a still before the first part, in segments of its own. Players that
   * hold back from the live edge begin in it, by parts, each of which is that key frame; hls.js goes on with parts
   * only while the ones before outlast those after it. A part is made when it is asked for: of the first ones, never.
   */
  #still(frame: EncodedFrame, endTicks: number, partTicks: number, clockRate: number): void {
    const { output } = this.#options;
    const wanted = Math.max(STILL_MIN_PARTS, Math.ceil((STILL_SECONDS * clockRate) / partTicks));
    const count = Math.min(wanted, Math.floor((START_SECONDS * clockRate) / partTicks));
    if (count === 0) return;
    const data = withoutParameterSets(frame);
    const fragment = (sequence: number, decodeTicks: number, durationTicks: number) =>
      mediaFragment(sequence, [
        { id: 1, decodeTicks, samples: [{ data, durationTicks, compositionTicks: 0, key: true }] },
      ]);
    const seconds = partTicks / clockRate;
    const startTicks = endTicks - count * partTicks;
    const wallClockMs = frame.wallClockMs - count * seconds * 1000;
    // EXTINF may not exceed TARGETDURATION, of which a camera with short GOPs has little.
    const inSegment = Math.max(
      1,
      Math.floor((this.#options.targetDurationSeconds() * clockRate) / partTicks),
    );
    for (let i = 0; i < count; i += 1) {
      const opens = i % inSegment === 0;
      const atTicks = startTicks + i * partTicks;
      output.part({
        data: () => fragment(i + 1, atTicks, partTicks),
        seconds,
        independent: true,
        frames: 0,
        segment: opens ? { discontinuity: false, wallClockMs: wallClockMs + i * seconds * 1000 } : undefined,
      });
      if (i + 1 < count && (i + 1) % inSegment !== 0) continue;
      const parts = (i % inSegment) + 1;
      output.segmentEnd(fragment(i + 1, atTicks - (parts - 1) * partTicks, parts * partTicks));
    }
    this.#sequence = count;
  }

  /** PROGRAM-DATE-TIME follows the media time, which has no jitter, and is drawn towards the capture clock. */
  #openSegment(startSeconds: number, capturedMs: number): NonNullable<PackagedPart['segment']> {
    const last = this.#lastSegment;
    const discontinuity = this.#jumped;
    this.#jumped = false;
    let wallClockMs = capturedMs;
    if (last !== undefined && !discontinuity) {
      const expectedMs = last.wallClockMs + (startSeconds - last.startSeconds) * 1000;
      const strayedMs = capturedMs - expectedMs;
      if (Math.abs(strayedMs) <= WALL_CLOCK_STEP_MS) wallClockMs = expectedMs + WALL_CLOCK_SLEW * strayedMs;
    }
    this.#lastSegment = { startSeconds, wallClockMs };
    return { discontinuity, wallClockMs };
  }
}

/** The track that parts are cut by; undefined where nothing can be packaged. */
export function leadOf(tracks: readonly Track[]): Track | undefined {
  const playable = tracks.filter(canPackage);
  return playable.find((track) => track.kind === 'video') ?? playable[0];
}

/** `avc1` and `hvc1` keep parameter sets in the init segment alone. */
function withoutParameterSets(frame: EncodedFrame): Uint8Array {
  return frame.parameterSetBytes === 0 ? frame.data : frame.data.subarray(frame.parameterSetBytes);
}
