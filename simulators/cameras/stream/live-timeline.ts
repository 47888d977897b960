// In: a clip and a clock. Out: the clip's pictures, one after the other at the clip's rate for ever, on RTP
// timestamps that never jump. Who receives them, and over which transport, is the RTSP server's job.
import { randomInt } from 'node:crypto';
import type { Clock } from '@vedette/runtime';
import type { FrameWheel } from './frame-wheel.ts';
import { stampPackets } from './packet-template.ts';
import type { Reel } from './reel.ts';

/** One picture as it goes out; the same object for every client of the profile. */
export interface SentPicture {
  /** RTP packets in their interleaved framing for channel 0; nobody may write to it. */
  readonly bytes: Buffer;
  readonly offsets: readonly number[];
  readonly payloadBytes: number;
  readonly key: boolean;
}

/** Whoever watches a profile. */
export interface PictureReceiver {
  picture(picture: SentPicture): void;
}

/** Where a profile's live picture is, and where it was a moment ago, newest last. */
export interface TimelineReport {
  readonly fps: number;
  /** Pictures in the loop; the burnt-in strip counts from 0 to this minus 1. */
  readonly frames: number;
  readonly clockRate: number;
  readonly ssrc: number;
  /** The picture that is live at `atMs`; it was really sent only if somebody watched. */
  readonly frame: number;
  readonly rtp: number;
  /** Milliseconds since the Unix epoch, as `sentAtMs`. */
  readonly atMs: number;
  readonly recent: readonly { readonly frame: number; readonly sentAtMs: number; readonly rtp: number }[];
}

const REMEMBERED = 256;
/** Behind by more than this (a stopped process, not a busy one), the pictures in between are left out. */
const LATE_MS = 2000;

/**
 * The live picture, or sound, of one camera profile. Its picture number rises with time whether or not somebody
 * watches; the clip picture shown is that number plus a shift, which a forced key frame or a freeze
 * changes: content may jump, timestamps and sequence numbers do not.
 */
export class LiveTimeline {
  readonly clip: Reel;
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly #clock: Clock;
  readonly #wheel: FrameWheel;
  readonly #receivers = new Set<PictureReceiver>();
  readonly #recent: { frame: number; sentAtMs: number; rtp: number }[] = [];
  readonly #timestampBase = randomInt(2 ** 32);
  readonly #startMs: number;
  #sequence = randomInt(2 ** 16);
  /** Number of the picture that is sent next; clip index = (number + shift) mod length. */
  #next = 0;
  #shift = 0;
  #recentAt = 0;
  #frozen = false;
  #cancel: (() => void) | undefined;

  /** `phase` (0 to 1) spreads the cameras of one process over the frame interval. */
  constructor(options: { clip: Reel; clock: Clock; wheel: FrameWheel; phase: number }) {
    this.clip = options.clip;
    this.#clock = options.clock;
    this.#wheel = options.wheel;
    this.#startMs = options.clock.now() - (options.phase * 1000) / options.clip.fps;
  }

  get receivers(): number {
    return this.#receivers.size;
  }

  /** What RTP-Info tells a client of the first packet it will get (RFC 2326 section 12.33). */
  get nextStamp(): { sequence: number; timestamp: number } {
    return { sequence: this.#sequence, timestamp: this.#timestampOf(this.#next) };
  }

  /** From the next due picture on. `keyFrame` makes that one a key frame, as an encoder that was asked does. */
  add(receiver: PictureReceiver, options: { keyFrame: boolean }): void {
    this.#receivers.add(receiver);
    if (this.#cancel === undefined) this.#start();
    if (options.keyFrame) this.forceKeyFrame();
  }

  remove(receiver: PictureReceiver): void {
    this.#receivers.delete(receiver);
    if (this.#receivers.size === 0) this.#stop();
  }

  /** Lets the next picture be the key frame nearest to the one that is due. */
  forceKeyFrame(): void {
    if (this.#cancel === undefined) this.#next = this.#numberAfter(this.#clock.now());
    const due = this.#clipIndex(this.#next);
    this.#shift += nearestKey(this.clip, due, this.#clipIndex(this.#next - 1)) - due;
  }

  /** While frozen nothing is sent; afterwards the pictures go on where they stopped, at the present time. */
  freeze(frozen: boolean): void {
    if (this.#frozen === frozen) return;
    this.#frozen = frozen;
    if (!frozen && this.#cancel !== undefined) this.#skipTo(this.#numberAfter(this.#clock.now()));
  }

  /** RTP timestamp of a moment of the clock (ms), for sender reports. */
  timestampAt(nowMs: number): number {
    return (
      (this.#timestampBase + Math.round(((nowMs - this.#startMs) * this.clip.clockRate) / 1000)) % 2 ** 32
    );
  }

  report(): TimelineReport {
    const watched = this.#cancel !== undefined;
    const number = (watched ? this.#next : this.#numberAfter(this.#clock.now())) - 1;
    return {
      fps: this.clip.fps,
      frames: this.clip.pictures.length,
      clockRate: this.clip.clockRate,
      ssrc: this.ssrc,
      frame: this.#clipIndex(number),
      rtp: this.#timestampOf(number),
      atMs: this.#clock.wallNow(),
      recent: [...this.#recent.slice(this.#recentAt), ...this.#recent.slice(0, this.#recentAt)].map(
        (sent) => ({
          ...sent,
        }),
      ),
    };
  }

  close(): void {
    this.#receivers.clear();
    this.#stop();
  }

  #start(): void {
    this.#next = this.#numberAfter(this.#clock.now());
    this.#cancel = this.#wheel.schedule(this.#dueMs(this.#next), (now) => this.#tick(now));
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(now: number): number | undefined {
    if (this.#frozen) return now + 1000 / this.clip.fps;
    if (now - this.#dueMs(this.#next) > LATE_MS) this.#skipTo(this.#numberAfter(now) - 1);
    while (this.#dueMs(this.#next) <= now && this.#receivers.size > 0) this.#send();
    return this.#dueMs(this.#next);
  }

  #send(): void {
    const index = this.#clipIndex(this.#next);
    const template = this.clip.pictures[index];
    if (template === undefined) return;
    const timestamp = this.#timestampOf(this.#next);
    const bytes = stampPackets(template, { sequence: this.#sequence, timestamp, ssrc: this.ssrc });
    this.#sequence = (this.#sequence + template.offsets.length) & 0xffff;
    this.#next++;
    this.#remember(index, timestamp);
    const { offsets, payloadBytes, key } = template;
    const picture: SentPicture = { bytes, offsets, payloadBytes, key };
    // a copy, for a receiver that is too slow leaves the set
    for (const receiver of [...this.#receivers]) receiver.picture(picture);
  }

  #remember(frame: number, rtp: number): void {
    const slot = this.#recent[this.#recentAt];
    const sentAtMs = this.#clock.wallNow();
    if (slot === undefined) this.#recent.push({ frame, sentAtMs, rtp });
    else Object.assign(slot, { frame, sentAtMs, rtp });
    this.#recentAt = (this.#recentAt + 1) % REMEMBERED;
  }

  #skipTo(number: number): void {
    if (number <= this.#next) return;
    this.#shift -= number - this.#next;
    this.#next = number;
  }

  #numberAfter(nowMs: number): number {
    return Math.floor(((nowMs - this.#startMs) * this.clip.fps) / 1000) + 1;
  }

  #dueMs(number: number): number {
    return this.#startMs + (number * 1000) / this.clip.fps;
  }

  #timestampOf(number: number): number {
    return (this.#timestampBase + Math.round((number * this.clip.clockRate) / this.clip.fps)) % 2 ** 32;
  }

  #clipIndex(number: number): number {
    const length = this.clip.pictures.length;
    return (((number + this.#shift) % length) + length) % length;
  }
}

/** The key frame nearest to `due` in the loop, as an index that may lie outside of it; never the one sent last. */
function nearestKey(clip: Reel, due: number, last: number): number {
  const length = clip.pictures.length;
  const around = clip.keyIndexes.flatMap((key) => [key - length, key, key + length]);
  const allowed =
    clip.keyIndexes.length === 1 ? around : around.filter((key) => (key + length) % length !== last);
  return allowed.reduce((best, key) => (Math.abs(key - due) < Math.abs(best - due) ? key : best));
}
