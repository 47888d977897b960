// One connection with its own video element, from before its grant until it is closed.
import type { IceServer } from '@vedette/contracts';
import { onFirstFrame } from './first-frame.ts';
import { onFirstSound } from './first-sound.ts';
import { HlsConnection } from './hls-connection.ts';
import type { ConnectionEvents, MediaConnection } from './media-connection.ts';
import { PictureCounter } from './picture-counter.ts';
import type { PictureLane, PictureLaneOptions } from './picture-lane.ts';
import type { PictureStage } from './picture-stage.ts';
import type { PlayerEnvironment } from './player-environment.ts';
import { StallWatchdog, type WatchSample } from './stall-watchdog.ts';
import type { StartStopwatch } from './start-stopwatch.ts';
import { StatsMeter } from './stats-meter.ts';
import type { Grant } from './view-grant.ts';
import { WhepConnection } from './whep-connection.ts';

export interface PlayerLaneOptions extends PictureLaneOptions {
  readonly environment: PlayerEnvironment;
  readonly stage: PictureStage;
}

export class PlayerLane implements PictureLane {
  readonly stopwatch: StartStopwatch;
  readonly video: HTMLVideoElement;
  readonly #options: PlayerLaneOptions;
  readonly #connection: MediaConnection;
  readonly #abort = new AbortController();
  readonly #counter: PictureCounter;
  readonly #meter = new StatsMeter();
  #watchdog: StallWatchdog | undefined;
  #failed = false;
  #soundOnly = false;

  constructor(options: PlayerLaneOptions) {
    const { audio, environment, id, protocol, stage, stopwatch, tell } = options;
    this.#options = options;
    this.stopwatch = stopwatch;
    this.video = stage.add();
    this.#counter = new PictureCounter(this.video);
    const events: ConnectionEvents = {
      answered: (doubtful) => tell({ type: 'answered', lane: id, doubtful }),
      connected: () => tell({ type: 'connected', lane: id }),
      failed: (failure) => {
        if (this.#failed) return;
        this.#failed = true;
        tell({ type: 'failed', lane: id, failure });
      },
      step: (name) => stopwatch.note(name),
    };
    const { budget, loadHls, network, ticker } = environment;
    this.#connection =
      protocol === 'webrtc'
        ? new WhepConnection({ video: this.video, audio, events, iceServers: network.iceServers })
        : new HlsConnection({ video: this.video, budget, ticker, load: loadHls, events });
    const { signal } = this.#abort;
    let begun = false;
    const first = (soundOnly: boolean): void => {
      if (begun) return;
      begun = true;
      this.#soundOnly = soundOnly;
      stopwatch.note('firstFrameMs');
      tell({ type: soundOnly ? 'first_sound' : 'first_frame', lane: id });
    };
    onFirstFrame(this.video, signal, () => {
      // Browsers say `loadeddata` of sound, too.
      if (this.#connection.picture !== false) first(false);
    });
    let heard: number | undefined;
    const goesOn = (): boolean => {
      const { picture, sound } = this.#connection;
      const count = this.#connection.soundCount();
      heard ??= count;
      return picture === false && sound && count !== heard;
    };
    onFirstSound(this.video, goesOn, signal, () => first(true));
  }

  get hasSound(): boolean {
    return this.#connection.sound;
  }

  prepare(): void {
    this.#connection.prepare();
  }

  open(grant: Grant, iceServers: readonly IceServer[]): void {
    this.#connection.open(grant, iceServers);
  }

  renewed(grant: Grant): void {
    this.#connection.renewed(grant);
  }

  show(soundOnly: boolean): void {
    this.#options.stage.show(this.video, soundOnly);
  }

  watch(frozenSinceMs: number | null): void {
    this.#watchdog ??= new StallWatchdog({ ...this.#sample(), frozenSinceMs });
  }

  tick(): void {
    const verdict = this.#watchdog?.sample(this.#sample());
    if (verdict !== undefined && verdict !== 'same')
      this.#options.tell({ type: verdict, lane: this.#options.id });
  }

  get lastPictureMs(): number | null {
    return this.#watchdog?.newsMs ?? null;
  }

  async stats() {
    const connection = await this.#connection.stats();
    const nowMs = this.#options.environment.clock.now();
    const { videoHeight, videoWidth } = this.video;
    const framesShown = this.video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const rates = this.#meter.rates({ nowMs, connection, framesShown });
    const { audioCodec, codec, framesDropped, jitterMs, latencyMs, packetsLost, rttMs } = connection;
    return {
      codec: this.#soundOnly ? null : codec,
      audioCodec,
      width: videoWidth || null,
      height: videoHeight || null,
      ...rates,
      framesPerSecond: this.#soundOnly ? null : rates.framesPerSecond,
      framesDropped,
      packetsLost,
      jitterMs,
      rttMs,
      latencyMs,
    };
  }

  close(goodbye: boolean): void {
    this.#abort.abort();
    this.#counter.close();
    this.#connection.close(goodbye);
    this.#options.stage.remove(this.video);
  }

  #sample(): WatchSample {
    const { clock, hidden } = this.#options.environment;
    const frames = this.#soundOnly ? this.#connection.soundCount() : this.#counter.read();
    return { nowMs: clock.now(), frames, hidden: hidden() };
  }
}
