// Enters: one desired stream. Leaves: its hub, which the ways out subscribe to, and its state for reports.
// The hub lives as long as the stream is desired; the source behind it comes and goes.
// Not its job: viewers' rights, placement, retrying a camera.
import { videoFacts } from '@vedette/bitstream';
import type { DesiredStream, ReasonCode, StreamHealth, StreamState } from '@vedette/contracts';
import type { CloseReason, FrameSink } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { type StartOutput, StreamOutputs } from './stream-outputs.ts';

/** What a source tells of itself; never holds a secret. */
export interface SourceState {
  readonly health: StreamHealth;
  readonly reason: ReasonCode;
  readonly detail: string | null;
  readonly reconnects: number;
  readonly packetsLost: number;
  /** Of a radio station. */
  readonly nowPlaying?: string | null;
}

/** A source that is being kept running until it is stopped. */
export interface RunningSource {
  state(): SourceState;
  /** A viewer asks: try now instead of at the next planned time. */
  wake(): void;
  /** Says goodbye to the camera; bounded in time. */
  stop(): Promise<void>;
}

/** `isWatched` tells at any time whether somebody waits for its pictures. */
export type StartSource = (
  desired: DesiredStream,
  sink: FrameSink,
  onChange: () => void,
  isWatched: () => boolean,
) => RunningSource;

const DORMANT: SourceState = {
  health: 'idle',
  reason: 'waiting_for_viewer',
  detail: null,
  reconnects: 0,
  packetsLost: 0,
};

const HELD: SourceState = {
  health: 'reconnecting',
  reason: 'reconnecting',
  detail: 'The node stood still for longer than its lease; control has to confirm what runs here.',
  reconnects: 0,
  packetsLost: 0,
};

export class StreamSlot {
  readonly hub: StreamHub;
  readonly #startSource: StartSource;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #watchers: () => number;
  readonly #beforeFrame: () => void;
  #isHeld: boolean;
  #desired: DesiredStream;
  #source: RunningSource | undefined;
  #unwatchedSince: number;
  /** Survives a change of source, so that totals never go back. */
  #reconnectsBefore = 0;
  #lostBefore = 0;
  #rememberedGopMs: number | undefined;
  readonly #outputs: StreamOutputs;

  constructor(options: {
    desired: DesiredStream;
    startSource: StartSource;
    startOutput: StartOutput;
    hub: StreamHub;
    clock: Clock;
    /** Views of it, and of what is made of it. */
    watchers: () => number;
    /** It begins only with `resume`. */
    isHeld: boolean;
    beforeFrame: () => void;
    onChange: () => void;
  }) {
    this.hub = options.hub;
    this.#desired = options.desired;
    this.#startSource = options.startSource;
    this.#clock = options.clock;
    this.#onChange = options.onChange;
    this.#watchers = options.watchers;
    this.#beforeFrame = options.beforeFrame;
    this.#isHeld = options.isHeld;
    this.#unwatchedSince = options.clock.now();
    this.#outputs = new StreamOutputs({
      hub: options.hub,
      start: options.startOutput,
      onChange: options.onChange,
    });
    if (!this.#isHeld) this.#start();
    this.#outputs.update(options.desired.outputs ?? []);
  }

  get desired(): DesiredStream {
    return this.#desired;
  }

  /** The key-frame interval last measured, for muxers that must promise a duration before they have seen one. */
  get rememberedGopMs(): number | undefined {
    this.#rememberedGopMs = this.hub.stats().keyFrameIntervalMs ?? this.#rememberedGopMs;
    return this.#rememberedGopMs;
  }

  /** Takes over what changed; a different source is pulled in place of the old one, viewers stay. */
  update(desired: DesiredStream): void {
    const sourceChanged = JSON.stringify(desired.source) !== JSON.stringify(this.#desired.source);
    this.#desired = desired;
    this.#outputs.update(desired.outputs ?? []);
    if (sourceChanged) void this.#stopSource();
    this.wake();
  }

  /** Control wants it, or a viewer came: pull it now. */
  wake(): void {
    this.#unwatchedSince = this.#clock.now();
    if (this.#isHeld) return;
    if (this.#source === undefined) this.#start();
    else this.#source.wake();
  }

  /** Leaves the camera, and shows nothing, until `resume`. */
  hold(): void {
    this.#isHeld = true;
    void this.#stopSource();
  }

  resume(): void {
    this.#isHeld = false;
    this.wake();
  }

  /** With control away, nobody drops what nobody watches: the camera is left alone after the idle time. */
  sleepWhenUnwatched(): void {
    const now = this.#clock.now();
    if (this.#watchers() > 0 || this.#desired.pull === 'always-on') {
      this.#unwatchedSince = now;
      return;
    }
    if (this.#source !== undefined && now - this.#unwatchedSince >= this.#desired.idleTtlMs) {
      void this.#stopSource();
      this.#onChange();
    }
  }

  /** Counts idle time from now; control has been there until now. */
  watchedUntilNow(): void {
    this.#unwatchedSince = this.#clock.now();
  }

  state(): StreamState {
    const source = this.#source?.state() ?? (this.#isHeld ? HELD : DORMANT);
    const stats = this.hub.stats();
    const video = this.hub.currentTracks.find((track) => track.kind === 'video');
    return {
      path: this.#desired.path,
      cameraId: this.#desired.cameraId,
      profile: this.#desired.profile,
      fence: this.#desired.fence,
      health: source.health,
      reason: source.reason,
      detail: source.detail,
      codec:
        video === undefined ? null : (videoFacts(video.codec, video.parameterSets.sps)?.codec ?? video.codec),
      audio: this.hub.currentTracks.find((track) => track.kind === 'audio')?.codec ?? null,
      nowPlaying: source.nowPlaying ?? null,
      width: video?.width ?? null,
      height: video?.height ?? null,
      frameRate: stats.frameRate,
      bitsPerSecond: stats.bitsPerSecond,
      keyFrameIntervalMs: stats.keyFrameIntervalMs,
      lastFrameAt: stats.lastFrameAtMs,
      reconnects: this.#reconnectsBefore + source.reconnects,
      framesIn: stats.framesIn,
      hasBFrames: stats.hasBFrames,
      packetsLost: this.#lostBefore + source.packetsLost,
      outputs: this.#outputs.states(),
    };
  }

  async close(reason: CloseReason): Promise<void> {
    this.hub.close(reason);
    await Promise.all([this.#outputs.close(), this.#stopSource()]);
  }

  /** Control wants what is pulled on demand only while somebody watches. */
  #isWatched(): boolean {
    const { outputs = [], pull } = this.#desired;
    return pull === 'on-demand' || outputs.length > 0 || this.#watchers() > 0;
  }

  #start(): void {
    let source: RunningSource | undefined;
    const changed = () => {
      if (source !== undefined && source.state().health !== 'live') this.hub.interrupted();
      this.#onChange();
    };
    // One that has been stopped may still have something to say until its goodbye is answered.
    const sink: FrameSink = {
      tracks: (tracks) => {
        if (source === this.#source) this.hub.tracks(tracks);
      },
      frame: (frame) => {
        this.#beforeFrame();
        if (source === this.#source) this.hub.frame(frame);
      },
    };
    source = this.#startSource(this.#desired, sink, changed, () => this.#isWatched());
    this.#source = source;
    this.#onChange();
  }

  async #stopSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    if (source === undefined) return;
    this.hub.interrupted();
    const last = source.state();
    this.#reconnectsBefore += last.reconnects;
    this.#lostBefore += last.packetsLost;
    await source.stop();
  }
}
