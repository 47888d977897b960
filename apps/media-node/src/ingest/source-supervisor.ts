// Keeps one source running: runs it, tells how it is, waits by the retry plan, runs it again, until it is stopped.
// Not its job: how a source is pulled, who watches it.
import type { ReasonCode, StreamHealth } from '@vedette/contracts';
import type { FrameSink, MediaSource } from '@vedette/media-types';
import { RtspError } from '@vedette/rtsp';
import type { Clock, Log } from '@vedette/runtime';
import { retryAfterMs } from './retry-plan.ts';
import { SourceError } from './source-error.ts';

/** A pull, and what the next one must know of it. */
export interface SupervisedSource extends MediaSource {
  readonly lastTicks: number | undefined;
  readonly packetsLost: number;
}

/** What a source that plays says of itself. */
export interface SourceNews {
  /** Of a radio station. */
  readonly nowPlaying: string | null;
  /** Shown while all is well. */
  readonly detail: string | null;
}

export interface SupervisorState {
  readonly health: StreamHealth;
  readonly reason: ReasonCode;
  readonly detail: string | null;
  readonly reconnects: number;
  readonly packetsLost: number;
  readonly nowPlaying: string | null;
}

export interface SourceSupervisorOptions {
  /** A new pull; frames go on after `firstTicks`. While it waits for somebody else it says so by `onWaiting`. */
  readonly createSource: (
    firstTicks: number | undefined,
    onPlaying: () => void,
    onWaiting: (reason: ReasonCode) => void,
    onNews: (news: SourceNews) => void,
  ) => SupervisedSource;
  readonly sink: FrameSink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onChange: () => void;
}

/** Media that flowed for so long makes earlier failures forgotten. */
const HEALTHY_MS = 30_000;
/** A camera that had pictures within this is called reconnecting, then offline. */
const RECENT_MS = 60_000;
const OFFLINE_AFTER_ATTEMPTS = 2;
const NO_NEWS: SourceNews = { nowPlaying: null, detail: null };
/** A viewer may ask for a try, but no camera is dialled more often than this. */
const WAKE_MS = 1000;

export class SourceSupervisor {
  readonly #options: SourceSupervisorOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #state: SupervisorState = {
    health: 'connecting',
    reason: 'connecting',
    detail: null,
    reconnects: 0,
    packetsLost: 0,
    nowPlaying: null,
  };
  #news = NO_NEWS;
  #source: SupervisedSource | undefined;
  #wakeUp: (() => void) | undefined;
  #attempts = 0;
  /** Of the password, since pictures last came; a camera that was unreachable in between does not count. */
  #rejections = 0;
  #liveSinceMs: number | undefined;
  #lastFrameMs = Number.NEGATIVE_INFINITY;
  #lastTicks: number | undefined;
  #lostBefore = 0;

  constructor(options: SourceSupervisorOptions) {
    this.#options = options;
    this.#done = this.#runAll();
  }

  state(): SupervisorState {
    return { ...this.#state, packetsLost: this.#lostBefore + (this.#source?.packetsLost ?? 0) };
  }

  /**
   * Somebody wants pictures: the next try comes now, or a second after the last one. Never with a wrong password, and
   * what was played to its end is played again only when it is asked for anew.
   */
  wake(): void {
    const { reason } = this.#state;
    if (reason === 'camera_credentials_rejected' || reason === 'source_ended') return;
    this.#wakeUp?.();
  }

  /** Says goodbye to the camera; resolves once it is done. May be repeated. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const error = await this.#runOnce(signal);
      if (signal.aborted) return;
      await this.#wait(this.#failed(error), signal);
    }
  }

  /** Why the pull ended; a source that ends by itself has failed as well. */
  async #runOnce(signal: AbortSignal): Promise<unknown> {
    const { clock, sink, createSource } = this.#options;
    this.#liveSinceMs = undefined;
    let source: SupervisedSource | undefined;
    try {
      const waiting = (reason: ReasonCode) => {
        if (this.#liveSinceMs === undefined)
          this.#set(this.#isRecent() ? 'reconnecting' : 'connecting', reason, null);
      };
      const told = (news: SourceNews) => {
        if (source === undefined || source !== this.#source) return;
        this.#news = news;
        const { health, reason, detail } = this.#state;
        this.#set(health, reason, health === 'live' ? news.detail : detail);
      };
      source = createSource(this.#lastTicks, () => waiting('waiting_for_key_frame'), waiting, told);
      this.#source = source;
      await source.run(
        {
          tracks: (tracks) => sink.tracks(tracks),
          frame: (frame) => {
            this.#lastFrameMs = clock.now();
            if (this.#liveSinceMs === undefined) {
              this.#liveSinceMs = this.#lastFrameMs;
              this.#rejections = 0;
              this.#set('live', 'live', this.#news.detail);
            } else if (this.#attempts > 0 && this.#lastFrameMs - this.#liveSinceMs >= HEALTHY_MS)
              this.#attempts = 0;
            sink.frame(frame);
          },
        },
        signal,
      );
      return new RtspError('camera_refused', 'media', 'The camera ended the stream.');
    } catch (error) {
      return error;
    } finally {
      if (source !== undefined) {
        this.#lastTicks = source.lastTicks;
        this.#lostBefore += source.packetsLost;
      }
      this.#source = undefined;
      this.#news = NO_NEWS;
    }
  }

  /** Takes note of a failure; answers how long to wait, for ever after the end of what is played once. */
  #failed(error: unknown): number {
    const { log, random } = this.#options;
    const known = error instanceof RtspError || error instanceof SourceError;
    const code: ReasonCode = known ? error.code : 'camera_protocol_error';
    if (code === 'source_ended') {
      this.#set('idle', code, null);
      return Number.POSITIVE_INFINITY;
    }
    this.#attempts += 1;
    if (code === 'camera_credentials_rejected') this.#rejections += 1;
    const recentlyHealthy = this.#isRecent();
    const offline =
      code === 'camera_credentials_rejected' || !recentlyHealthy || this.#attempts > OFFLINE_AFTER_ATTEMPTS;
    const attempt = code === 'camera_credentials_rejected' ? this.#rejections : this.#attempts;
    const waitMs = retryAfterMs({ attempt, code, recentlyHealthy }, random);
    this.#state = { ...this.#state, reconnects: this.#state.reconnects + 1 };
    this.#set(
      offline ? 'offline' : 'reconnecting',
      code,
      known ? error.message : 'The camera sent what could not be handled.',
    );
    const details = {
      reason: code,
      step: known ? error.step : undefined,
      attempt: this.#attempts,
      waitMs: Math.round(waitMs),
    };
    if (known) log.warn(details, error.message);
    else log.error({ ...details, err: error }, 'a source failed in an unknown way');
    return waitMs;
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (ms === Number.POSITIVE_INFINITY) {
      await aborted(signal);
      return;
    }
    const mayWakeAtMs = clock.now() + WAKE_MS;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const woken = Promise.withResolvers<void>();
    this.#wakeUp = () => {
      this.#wakeUp = undefined;
      clock.sleep(Math.max(0, mayWakeAtMs - clock.now()), either).then(woken.resolve, () => undefined);
    };
    await Promise.race([clock.sleep(ms, either).catch(() => undefined), woken.promise]);
    over.abort();
    this.#wakeUp = undefined;
    // What the operator is told stays until there is something new: a failing camera does not flicker.
    if (this.#state.health !== 'offline') this.#set('reconnecting', 'reconnecting', this.#state.detail);
  }

  #isRecent(): boolean {
    return this.#options.clock.now() - this.#lastFrameMs < RECENT_MS;
  }

  #set(health: StreamHealth, reason: ReasonCode, detail: string | null): void {
    const now = this.#state;
    const { nowPlaying } = this.#news;
    if (
      now.health === health &&
      now.reason === reason &&
      now.detail === detail &&
      now.nowPlaying === nowPlaying
    )
      return;
    this.#state = { ...now, health, reason, detail, nowPlaying };
    this.#options.onChange();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
