// Keeps one source running: runs it when its guard says so, tells how it is, runs it again, until it is stopped.
// Not its job: how a source is pulled, when it may be tried again (retry/), who watches it.
import { REASON_TEXT, type ReasonCode, type StreamHealth } from '@vedette/contracts';
import type { FrameSink, MediaSource } from '@vedette/media-types';
import { RtspError } from '@vedette/rtsp';
import type { Clock, Log } from '@vedette/runtime';
import type { PullGuard } from './retry/pull-guard.ts';
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
  /** Says when it may be pulled; closed with it. */
  readonly guard: PullGuard;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

/** Media that flowed for so long makes earlier failures forgotten. */
const HEALTHY_MS = 30_000;
/** A camera that had pictures within this is called reconnecting, then offline. */
const RECENT_MS = 60_000;
const OFFLINE_AFTER_ATTEMPTS = 2;
const NO_NEWS: SourceNews = { nowPlaying: null, detail: null };

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
  #attempts = 0;
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

  /** Somebody wants pictures. What was played to its end is played again only when it is asked for anew. */
  wake(): void {
    this.#options.guard.wake();
  }

  /** Says goodbye to the camera; resolves once it is done. May be repeated. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#stop;
    const { guard } = this.#options;
    try {
      for (;;) {
        await guard.due(signal, (reason) => this.#blocked(reason));
        // What the operator is told stays until there is something new: a failing camera does not flicker.
        if (this.#attempts > 0 && this.#state.health !== 'offline')
          this.#set('reconnecting', 'reconnecting', this.#state.detail);
        const error = await this.#runOnce(signal);
        if (signal.aborted) return;
        if (!this.#failed(error)) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      guard.close();
    }
  }

  /** Why the pull ended; a source that ends by itself has failed as well. */
  async #runOnce(signal: AbortSignal): Promise<unknown> {
    const { clock, createSource, guard, sink } = this.#options;
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
      const playing = () => {
        guard.answered();
        waiting('waiting_for_key_frame');
      };
      source = createSource(this.#lastTicks, playing, waiting, told);
      this.#source = source;
      await source.run(
        {
          tracks: (tracks) => sink.tracks(tracks),
          frame: (frame) => {
            this.#lastFrameMs = clock.now();
            if (this.#liveSinceMs === undefined) {
              this.#liveSinceMs = this.#lastFrameMs;
              guard.answered();
              this.#set('live', 'live', this.#news.detail);
            } else if (this.#attempts > 0 && this.#lastFrameMs - this.#liveSinceMs >= HEALTHY_MS) {
              this.#attempts = 0;
              guard.healthy();
            }
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

  /** Takes note of a failure; false at the end of what is played once. */
  #failed(error: unknown): boolean {
    const { guard, log } = this.#options;
    const known = error instanceof RtspError || error instanceof SourceError;
    const code: ReasonCode = known ? error.code : 'camera_protocol_error';
    if (code === 'source_ended') {
      this.#set('idle', code, null);
      return false;
    }
    this.#attempts += 1;
    const offline =
      code === 'camera_credentials_rejected' || !this.#isRecent() || this.#attempts > OFFLINE_AFTER_ATTEMPTS;
    const step = known ? error.step : undefined;
    const waitMs = guard.failed({ code, step });
    this.#state = { ...this.#state, reconnects: this.#state.reconnects + 1 };
    this.#set(
      offline ? 'offline' : 'reconnecting',
      code,
      known ? error.message : 'The camera sent what could not be handled.',
    );
    const details = {
      reason: code,
      step,
      attempt: this.#attempts,
      waitMs: Math.round(waitMs),
    };
    if (known) log.warn(details, error.message);
    else log.error({ ...details, err: error }, 'a source failed in an unknown way');
    return true;
  }

  /** Others of the device have found out already. */
  #blocked(reason: ReasonCode): void {
    if (this.#state.reason !== reason) this.#set('offline', reason, REASON_TEXT[reason]);
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
