// Frames of a hub in, the same for a muxer out; sound that browsers play nowhere in MP4 is exchanged for AAC of a
// shared rendition, in step with the picture. Not its job: packaging, making the sound.
import { canPackage } from '@vedette/fmp4';
import type { AudioTrack, CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import type { AudioRendition, AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import type { Replay, StreamHub } from '../../hub/stream-hub.ts';

export interface HlsFeedOptions {
  readonly id: string;
  readonly hub: StreamHub;
  readonly clock: Clock;
  readonly sink: Pick<Subscriber, 'tracks' | 'frame' | 'close'>;
  /** Without it, sound that cannot be packaged is left out. */
  readonly renditions: AudioRenditionPort | undefined;
  /** Other sound than AAC is exchanged, also where it could be packaged. */
  readonly inAac?: boolean | undefined;
}

interface Held {
  readonly frame: EncodedFrame;
  readonly seconds: number;
  /** Monotonic, ms. */
  readonly untilMs: number;
}

/** A player cannot be given sound later: so long a picture waits for the process that makes it. */
const BEGIN_MS = 2000;
/** Beyond it the picture goes on by itself. */
const HOLD_MS = 400;
const MAX_HELD = 2048;
/** What the sound must have caught up to before pictures wait for it again. */
const CAUGHT_UP_SECONDS = 0.25;

export class HlsFeed implements Subscriber {
  readonly id: string;
  readonly #options: HlsFeedOptions;
  #source: readonly Track[] = [];
  #rendition: AudioRendition | undefined;
  /** Of the rendition, as the sink was told; undefined while it is awaited. */
  #made: AudioTrack | undefined;
  /** It did not come in time: this life of the muxer goes without. */
  #gaveUp = false;
  #held: Held[] = [];
  #waits = true;
  #soundSeconds = Number.NEGATIVE_INFINITY;
  #pictureSeconds = Number.NEGATIVE_INFINITY;
  /** Capture time of the zero of the source's time line, ms since the Unix epoch. */
  #captureZeroMs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: HlsFeedOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Throws as the hub does. */
  start(replay: Replay): void {
    this.#options.hub.subscribe(this, replay);
  }

  tracks(tracks: readonly Track[]): void {
    this.#letGo(Number.POSITIVE_INFINITY);
    this.#held = [];
    this.#source = tracks;
    this.#captureZeroMs = undefined;
    this.#soundSeconds = Number.NEGATIVE_INFINITY;
    const sound = tracks.find((track) => track.kind === 'audio');
    if (sound === undefined || this.#isFit(sound) || this.#gaveUp) {
      this.#leaveRendition();
      this.#options.sink.tracks(tracks);
      return;
    }
    this.#openRendition();
    if (this.#rendition === undefined) this.#options.sink.tracks(this.#pictures());
    else if (this.#made !== undefined) this.#announce(this.#made);
  }

  frame(frame: EncodedFrame): void {
    if (this.#rendition === undefined) {
      this.#options.sink.frame(frame);
      return;
    }
    const clockRate = this.#source.find((track) => track.id === frame.trackId)?.clockRate ?? 0;
    if (clockRate === 0) return;
    const seconds = frame.dtsTicks / clockRate;
    if (frame.kind === 'audio') {
      this.#captureZeroMs = frame.wallClockMs - seconds * 1000;
      return;
    }
    this.#pictureSeconds = seconds;
    const mayPass = this.#made !== undefined && this.#held.length === 0;
    if (mayPass && (!this.#waits || seconds <= this.#soundSeconds)) {
      this.#options.sink.frame(frame);
      return;
    }
    const waitMs = this.#made === undefined ? BEGIN_MS : HOLD_MS;
    this.#held.push({ frame, seconds, untilMs: this.#options.clock.now() + waitMs });
    if (this.#held.length > MAX_HELD) this.#late();
    else this.#watch();
  }

  /** The hub ends, or the owner of the muxer. May be repeated. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#leaveRendition();
    this.#options.hub.unsubscribe(this.id);
    this.#options.sink.close(reason);
  }

  #isFit(sound: AudioTrack): boolean {
    return canPackage(sound) && (this.#options.inAac !== true || sound.codec === 'aac');
  }

  #openRendition(): void {
    const { hub, renditions } = this.#options;
    if (this.#rendition !== undefined || renditions === undefined) return;
    const rendition = renditions.open(hub, 'aac');
    this.#rendition = rendition;
    this.#made = undefined;
    rendition.hub.subscribe(
      {
        id: this.id,
        tracks: (tracks) => this.#known(tracks.find((track) => track.kind === 'audio')),
        frame: (frame) => this.#sound(frame),
        close: () => undefined,
      },
      'none',
    );
    this.#watch();
  }

  #leaveRendition(): void {
    this.#rendition?.hub.unsubscribe(this.id);
    this.#rendition?.release();
    this.#rendition = undefined;
    this.#made = undefined;
  }

  #known(track: AudioTrack | undefined): void {
    if (track === undefined || !canPackage(track)) return;
    const isNew = this.#made === undefined || !isSame(this.#made, track);
    this.#made = track;
    // A process that was started again goes on with what the player knows already.
    if (isNew && this.#source.length > 0) this.#announce(track);
  }

  #announce(track: AudioTrack): void {
    this.#options.sink.tracks([...this.#pictures(), track]);
    const now = this.#options.clock.now();
    this.#held = this.#held.map((held) => ({ ...held, untilMs: Math.max(held.untilMs, now + HOLD_MS) }));
    this.#waits = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watch();
  }

  #pictures(): readonly Track[] {
    return this.#source.filter((track) => track.kind === 'video');
  }

  #sound(frame: EncodedFrame): void {
    if (this.#made === undefined) return;
    const seconds = frame.dtsTicks / this.#made.clockRate;
    this.#soundSeconds = seconds;
    if (seconds >= this.#pictureSeconds - CAUGHT_UP_SECONDS) this.#waits = true;
    this.#letGo(seconds);
    // Made sound belongs to the moment at which its source was captured, not to the one at which it was ready.
    const zero = this.#captureZeroMs;
    const wallClockMs = zero === undefined ? frame.wallClockMs : zero + seconds * 1000;
    this.#options.sink.frame({ ...frame, wallClockMs });
  }

  #letGo(untilSeconds: number): void {
    if (this.#made === undefined && this.#rendition !== undefined) return;
    let count = 0;
    for (const { frame, seconds } of this.#held) {
      if (seconds > untilSeconds) break;
      this.#options.sink.frame(frame);
      count += 1;
    }
    if (count > 0) this.#held = this.#held.slice(count);
  }

  #watch(): void {
    const { clock } = this.#options;
    if (this.#cancelTimer !== undefined || this.#rendition === undefined) return;
    const first = this.#held[0];
    if (first === undefined && this.#made !== undefined) return;
    const waitMs = first === undefined ? BEGIN_MS : Math.max(0, first.untilMs - clock.now());
    this.#cancelTimer = clock.after(waitMs, () => {
      this.#cancelTimer = undefined;
      const waiting = this.#held[0];
      if (this.#made === undefined || (waiting !== undefined && waiting.untilMs <= clock.now())) this.#late();
      else this.#watch();
    });
  }

  /** The sound is not there in time: for ever when none ever came, until it is back otherwise. */
  #late(): void {
    if (this.#made !== undefined) {
      this.#waits = false;
      this.#letGo(Number.POSITIVE_INFINITY);
      return;
    }
    const pictures = this.#pictures();
    if (pictures.length === 0) return;
    this.#gaveUp = true;
    this.#leaveRendition();
    this.#options.sink.tracks(pictures);
    this.#letGo(Number.POSITIVE_INFINITY);
  }
}

function isSame(a: AudioTrack, b: AudioTrack): boolean {
  const config = (track: AudioTrack) => Buffer.from(track.config ?? []).toString('hex');
  return (
    a.codec === b.codec && a.clockRate === b.clockRate && a.channels === b.channels && config(a) === config(b)
  );
}
