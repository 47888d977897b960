// Frames of one stream come in once, as whole access units; every subscriber gets the same objects.
// Keeps the current GOP so that a join has a picture at once, and gates each subscriber on a key frame.
// Not its job: pacing, sockets, who may watch, and whether the source runs.
import type { CloseReason, EncodedFrame, FrameSink, Subscriber, Track } from '@vedette/media-types';
import { type Clock, systemClock, VedetteError } from '@vedette/runtime';
import { type Gop, GopCache } from './gop-cache.ts';
import { IngestMeter, type IngestStats } from './ingest-meter.ts';

export interface StreamHubOptions {
  /** Default 8 MB. */
  readonly gopLimitBytes?: number;
  /** Media time; default 20 s. */
  readonly gopLimitMs?: number;
  /** Default: no limit; admission is decided elsewhere, this is the last guard. */
  readonly maxSubscribers?: number;
  readonly clock?: Pick<Clock, 'wallNow'>;
  /** A subscriber threw; it has been closed and removed. */
  readonly onSubscriberError?: (subscriberId: string, error: unknown) => void;
}

/** What a joining subscriber gets before live: all that is cached, a still picture, or nothing. */
export type Replay = 'gop' | 'key-frame' | 'none';

interface Entry {
  readonly subscriber: Subscriber;
  /** False once removed: a delivery that is under way skips it. */
  active: boolean;
  waitingForKey: boolean;
}

export class StreamHub implements FrameSink {
  readonly #gop: GopCache;
  readonly #meter = new IngestMeter();
  readonly #maxSubscribers: number;
  readonly #clock: Pick<Clock, 'wallNow'>;
  readonly #onSubscriberError: (subscriberId: string, error: unknown) => void;
  #tracks: readonly Track[] = [];
  #hasVideo = false;
  /** Replaced on every join and leave, never changed in place: delivery loops over a stable array. */
  #entries: readonly Entry[] = [];
  #closed: CloseReason | null = null;

  constructor(options: StreamHubOptions = {}) {
    this.#gop = new GopCache({
      limitBytes: options.gopLimitBytes ?? 8 * 1024 * 1024,
      limitMs: options.gopLimitMs ?? 20_000,
    });
    this.#maxSubscribers = options.maxSubscribers ?? Number.POSITIVE_INFINITY;
    this.#clock = options.clock ?? systemClock;
    this.#onSubscriberError = options.onSubscriberError ?? (() => {});
  }

  /** Empty before the source told. */
  get currentTracks(): readonly Track[] {
    return this.#tracks;
  }

  get subscriberCount(): number {
    return this.#entries.length;
  }

  /** Empty when no key frame was seen. Read at once: the frames grow with the stream until the next key frame. */
  gop(): Gop {
    return this.#gop.snapshot();
  }

  stats(): IngestStats {
    return this.#meter.read(this.#clock.wallNow());
  }

  /**
   * Adds a subscriber, tells it the tracks if known, replays synchronously, then feeds it live. After `key-frame`
   * and `none`, and after a `gop` that had outgrown its limits, live begins at the next key frame.
   * One with the same id is closed as `replaced`. After `close` the subscriber is closed at once.
   * @throws VedetteError `at_capacity` when `maxSubscribers` are there already
   */
  subscribe(subscriber: Subscriber, replay: Replay): void {
    if (this.#closed !== null) {
      this.#closeSafely(subscriber, this.#closed);
      return;
    }
    const previous = this.#entries.find((entry) => entry.subscriber.id === subscriber.id);
    if (previous === undefined && this.#entries.length >= this.#maxSubscribers)
      throw new VedetteError('at_capacity');
    if (previous !== undefined) {
      this.#remove(previous);
      this.#closeSafely(previous.subscriber, 'replaced');
    }
    const entry: Entry = { subscriber, active: true, waitingForKey: true };
    this.#entries = [...this.#entries, entry];
    if (this.#tracks.length === 0) return;
    try {
      subscriber.tracks(this.#tracks);
      this.#replay(entry, replay);
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  /** Removes without closing; unknown ids are ignored. */
  unsubscribe(id: string): void {
    const entry = this.#entries.find((candidate) => candidate.subscriber.id === id);
    if (entry !== undefined) this.#remove(entry);
  }

  /** Closes every subscriber; the hub takes and gives nothing afterwards. May be repeated. */
  close(reason: CloseReason): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    const entries = this.#entries;
    this.#entries = [];
    this.#gop.clear();
    for (const entry of entries) {
      entry.active = false;
      this.#closeSafely(entry.subscriber, reason);
    }
  }

  /** A later call is a discontinuity: the cache is emptied and everybody waits for the next key frame. */
  tracks(tracks: readonly Track[]): void {
    if (this.#closed !== null) return;
    this.#tracks = tracks;
    this.#hasVideo = tracks.some((track) => track.kind === 'video');
    this.#gop.clear();
    this.#meter.discontinuity();
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[i];
      if (entry === undefined || !entry.active) continue;
      entry.waitingForKey = true;
      try {
        entry.subscriber.tracks(tracks);
      } catch (error) {
        this.#fail(entry, error);
      }
    }
  }

  /**
   * The source was lost: what is cached is the past, and a past replayed to who joins now would look live.
   * Everybody waits for the next key frame.
   */
  interrupted(): void {
    this.#gop.clear();
    for (const entry of this.#entries) entry.waitingForKey = true;
  }

  frame(frame: EncodedFrame): void {
    if (this.#closed !== null) return;
    const clockRate = this.#clockRateOf(frame.trackId);
    if (clockRate === 0) return;
    const isPicture = frame.kind === 'video';
    const opensGop = frame.key && (isPicture || !this.#hasVideo);
    this.#meter.frame(frame.data.byteLength, isPicture || !this.#hasVideo, this.#clock.wallNow());
    if (isPicture) this.#meter.picture(frame.ptsTicks);
    if (opensGop && isPicture) this.#meter.keyFrame((frame.dtsTicks * 1000) / clockRate);
    // Cached before it is delivered: who subscribes from within a delivery gets it from the replay, exactly once.
    this.#gop.push(frame, opensGop, clockRate);
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[i];
      if (entry === undefined || !entry.active) continue;
      if (entry.waitingForKey) {
        if (!opensGop) continue;
        entry.waitingForKey = false;
      }
      try {
        entry.subscriber.frame(frame);
      } catch (error) {
        this.#fail(entry, error);
      }
    }
  }

  #replay(entry: Entry, replay: Replay): void {
    if (replay === 'none') return;
    const gop = this.#gop.snapshot();
    if (replay === 'key-frame' || !gop.complete) {
      const keyFrame = gop.frames[0];
      if (keyFrame !== undefined) entry.subscriber.frame(keyFrame);
      return;
    }
    if (gop.frames.length === 0) return;
    entry.waitingForKey = false;
    for (let i = 0; i < gop.frames.length && entry.active; i += 1) {
      const frame = gop.frames[i];
      if (frame !== undefined) entry.subscriber.frame(frame);
    }
  }

  /** 0 for a frame of a track that was never announced: such a frame has no time and is dropped. */
  #clockRateOf(trackId: number): number {
    for (let i = 0; i < this.#tracks.length; i += 1) {
      const track = this.#tracks[i];
      if (track !== undefined && track.id === trackId) return track.clockRate;
    }
    return 0;
  }

  #fail(entry: Entry, error: unknown): void {
    if (entry.active) {
      this.#remove(entry);
      this.#closeSafely(entry.subscriber, 'stream_dropped');
    }
    this.#onSubscriberError(entry.subscriber.id, error);
  }

  #remove(entry: Entry): void {
    entry.active = false;
    this.#entries = this.#entries.filter((other) => other !== entry);
  }

  #closeSafely(subscriber: Subscriber, reason: CloseReason): void {
    try {
      subscriber.close(reason);
    } catch (error) {
      this.#onSubscriberError(subscriber.id, error);
    }
  }
}
