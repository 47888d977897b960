// Enters: what the page wants, and what happens to connections. Leaves: pictures on a stage, and the status in words.
// All decisions are in player-state.ts; here they are carried out.
import type { CameraId, LiveEvent, ProfileName, StartRequest } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { retryDelayMs } from './backoff.ts';
import { describeStatus } from './describe-status.ts';
import type { CreateLane, PictureLane } from './picture-lane.ts';
import type { PictureStage } from './picture-stage.ts';
import type { PlayerEnvironment } from './player-environment.ts';
import type { PlayerEventName, PlayerEvents } from './player-events.ts';
import type {
  Circumstances,
  Effect,
  LaneId,
  MachineEvent,
  PlayerMachine,
  TimerName,
  Wish,
} from './player-machine.ts';
import { IDLE, transition } from './player-state.ts';
import type { PlayerStats } from './player-stats.ts';
import type { ExternalState, PlayerStatus } from './player-status.ts';
import { sameStatus } from './same-status.ts';
import { ScreenTime } from './screen-time.ts';
import { StartStopwatch } from './start-stopwatch.ts';
import { ViewDesk } from './view-desk.ts';
import { grantFor, type View } from './view-grant.ts';

export interface VedettePlayerOptions {
  readonly cameraId: CameraId;
  readonly environment: PlayerEnvironment;
  readonly stage: Pick<PictureStage, 'setStale'>;
  readonly createLane: CreateLane;
  /** Capabilities and tile as they are when a start call is made. */
  readonly describe: () => StartRequest;
  /** Whether the place of the picture is in view, as far as the page goes. */
  readonly inView: () => boolean;
  readonly emit: <K extends PlayerEventName>(name: K, detail: PlayerEvents[K]) => void;
}

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** Not sooner than this is a failed upgrade to WebRTC tried again. */
const UPGRADE_FLOOR_MS = 15_000;

export class VedettePlayer {
  readonly #options: VedettePlayerOptions;
  readonly #desk: ViewDesk;
  readonly #lanes = new Map<LaneId, PictureLane>();
  readonly #stopwatches = new Map<number, StartStopwatch>();
  readonly #timers = new Map<TimerName | 'retry', () => void>();
  readonly #screenTime = new ScreenTime();
  readonly #queue: MachineEvent[] = [];
  #machine: PlayerMachine = IDLE;
  #told: PlayerStatus;
  /** Whose picture is on screen. */
  #watched: PictureLane | undefined;
  #stopTicks: (() => void) | undefined;
  #running = false;
  #askedAtMs = 0;

  constructor(options: VedettePlayerOptions) {
    this.#options = options;
    const { cameraId, describe, emit, environment } = options;
    this.#desk = new ViewDesk({
      cameraId,
      environment,
      describe,
      onScreenSeconds: (sessionId) => this.#screenTime.seconds(sessionId),
      onAnswer: (tag, steps) => {
        this.#stopwatches.get(tag)?.note('startAnswerMs');
        emit('decision', { steps });
      },
      tell: this.#tell,
    });
    this.#told = describeStatus(IDLE, null);
  }

  play(wish: Wish): void {
    this.#askedAtMs = this.#now();
    this.#tell({ type: 'play', wish });
  }

  /** Ends the views and lets go of everything; `play()` begins anew. */
  stop(): void {
    this.#tell({ type: 'stop' });
  }

  setProfile(profile: ProfileName | null): void {
    this.#tell({ type: 'profile', profile });
  }

  /** Whether sound is wanted; a connection without it gets a successor that has it. */
  setSound(wanted: boolean): void {
    this.#tell({ type: 'sound', wanted });
  }

  setExternal(state: ExternalState | null): void {
    this.#tell({ type: 'external', state });
  }

  /** The machine has a network again. */
  online(): void {
    this.#tell({ type: 'online' });
  }

  handleServerEvent(event: LiveEvent): void {
    if (!('cameraId' in event) || event.cameraId !== this.#options.cameraId) return;
    switch (event.type) {
      case 'camera.state':
        this.setExternal(event);
        break;
      case 'camera.changed':
        this.#options.environment.cameras.forget(event.cameraId);
        break;
      case 'session.move':
        this.#tell({ type: 'session_moved', sessionId: event.sessionId, reason: event.reason });
        break;
      case 'session.ended':
        this.#tell({ type: 'session_ended', sessionId: event.sessionId, reason: event.reason });
        break;
      default:
        break;
    }
  }

  get status(): PlayerStatus {
    const lastMs = this.#lastPictureMs;
    return describeStatus(this.#machine, lastMs === null ? null : this.#now() - lastMs);
  }

  /** Of the picture on screen; null without one. Rates cover the time since the previous call. */
  async stats(): Promise<PlayerStats | null> {
    const { shown } = this.#machine;
    const lane = this.#shownLane;
    if (shown === null || lane === undefined) return null;
    return { protocol: shown.protocol, profile: shown.view.profile, ...(await lane.stats()) };
  }

  /** What is on screen has sound. */
  get hasSound(): boolean {
    return this.#shownLane?.hasSound === true;
  }

  /** The video element that is seen; null without a picture. */
  get video(): HTMLVideoElement | null {
    return this.#shownLane?.video ?? null;
  }

  get #lastPictureMs(): number | null {
    return this.#watched?.lastPictureMs ?? null;
  }

  get #shownLane(): PictureLane | undefined {
    const { shown } = this.#machine;
    return shown === null ? undefined : this.#lanes.get(shown.lane);
  }

  #now(): number {
    return this.#options.environment.clock.now();
  }

  /** One event at a time: what carrying it out brings about comes after it. */
  readonly #tell = (event: MachineEvent): void => {
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const { effects, machine } = transition(this.#machine, next, this.#circumstances(next));
        this.#machine = machine;
        for (const effect of effects) this.#carryOut(effect);
        if (next.type === 'renewed') this.#passOn(next.view);
      }
    } finally {
      this.#running = false;
    }
    this.#report();
  };

  #circumstances(event: MachineEvent): Circumstances {
    const { cameraId, environment } = this.#options;
    const { cameras, capabilities, network } = environment;
    const { hls, webrtc } = capabilities();
    const asks =
      event.type === 'timer' && event.name === 'upgrade' && this.#machine.shown?.protocol === 'hls';
    const unfit = cameras.unfit(cameraId);
    const soundNeeded = cameras.soundNeeded(cameraId);
    return { hls, webrtc, udp: network.udp, unfit, soundNeeded, probe: asks && network.takeProbe() };
  }

  #report(): void {
    const { shown } = this.#machine;
    this.#options.stage.setStale(shown === null || shown.fault !== null);
    if (shown !== null) this.#stopTicks ??= this.#options.environment.ticker.listen(this.#tick);
    else {
      this.#stopTicks?.();
      this.#stopTicks = undefined;
      this.#watched = undefined;
    }
    const { status } = this;
    if (sameStatus(status, this.#told)) return;
    this.#told = status;
    this.#options.emit('statechange', status);
  }

  readonly #tick = (): void => {
    this.#shownLane?.tick();
    const { shown } = this.#machine;
    if (shown === null) return;
    const { environment, inView } = this.#options;
    const seen = shown.fault === null && inView() && !environment.hidden();
    this.#screenTime.sample({ sessionId: shown.view.sessionId, seen, nowMs: this.#now() });
  };

  #carryOut(effect: Effect): void {
    const { environment } = this.#options;
    switch (effect.type) {
      case 'start':
        this.#stopwatch(effect.tag, effect.cause);
        void this.#desk.start(effect);
        break;
      case 'prepare':
        this.#lane(effect.lane, 'webrtc', effect.tag, effect.audio).prepare();
        break;
      case 'open':
        this.#open(effect);
        break;
      case 'show':
        this.#show(effect.lane);
        break;
      case 'close':
        this.#lanes.get(effect.lane)?.close(effect.goodbye);
        this.#lanes.delete(effect.lane);
        break;
      case 'lease':
        this.#desk.lease(effect.view);
        break;
      case 'check':
        void this.#desk.check(effect.view);
        break;
      case 'end':
        this.#desk.end(effect.view);
        break;
      case 'retry_in': {
        const ms = retryDelayMs(effect.attempt, effect.floorMs, () => environment.clock.random());
        this.#arm('retry', ms, { type: 'retry' });
        break;
      }
      case 'forget_retry':
        this.#disarm('retry');
        break;
      case 'arm': {
        const ms = effect.ms === 'probe' ? this.#untilUpgradeMs() : effect.ms;
        this.#arm(effect.timer, ms, { type: 'timer', name: effect.timer });
        break;
      }
      case 'disarm':
        this.#disarm(effect.timer);
        break;
      case 'udp':
        if (effect.open) environment.network.connected();
        else environment.network.unreachable();
        break;
      case 'unfit':
        environment.cameras.refused(this.#options.cameraId, effect.profile, effect.reason);
        break;
      case 'sound_needed':
        environment.cameras.needsSound(this.#options.cameraId, effect.profile);
        break;
      case 'switch_failed': {
        const { profile, reason } = effect;
        this.#options.emit('switchfailed', { profile, reason, sentence: REASON_TEXT[reason] });
      }
    }
  }

  #open({ audio, cause, grant, lane, tag, view }: EffectOf<'open'>): void {
    this.#stopwatch(tag, cause);
    this.#lane(lane, grant.protocol, tag, audio).open(grant, view.iceServers);
  }

  #lane(id: LaneId, protocol: 'webrtc' | 'hls', tag: number, audio: boolean): PictureLane {
    const known = this.#lanes.get(id);
    if (known !== undefined) return known;
    const stopwatch = this.#stopwatch(tag, 'reconnect');
    const lane = this.#options.createLane({ id, protocol, audio, stopwatch, tell: this.#tell });
    this.#lanes.set(id, lane);
    return lane;
  }

  /** Of one attempt; older ones belong to lanes that hold theirs. */
  #stopwatch(tag: number, cause: string): StartStopwatch {
    const known = this.#stopwatches.get(tag);
    if (known !== undefined) return known;
    const begunAtMs = cause === 'play' ? this.#askedAtMs : this.#now();
    const stopwatch = new StartStopwatch({ begunAtMs, now: () => this.#now() });
    this.#stopwatches.clear();
    this.#stopwatches.set(tag, stopwatch);
    return stopwatch;
  }

  #show(id: LaneId): void {
    const { shown } = this.#machine;
    const lane = this.#lanes.get(id);
    if (lane === undefined || shown === null) return;
    lane.show(shown.soundOnly);
    lane.watch(shown.fault === null ? null : this.#lastPictureMs);
    this.#watched = lane;
    const { protocol, view } = shown;
    const { timeline } = lane.stopwatch;
    this.#options.emit('firstframe', {
      ms: timeline.firstFrameMs ?? 0,
      protocol,
      profile: view.profile,
      timeline,
    });
  }

  /** Fresh tokens for the connections of a view. */
  #passOn(view: View): void {
    const { pending, shown } = this.#machine;
    const held = [shown, pending].flatMap((part) => (part?.view === view ? [part] : []));
    for (const part of held) {
      const ids = 'lane' in part ? [part.lane] : part.lanes.map(({ id }) => id);
      const protocols = 'lane' in part ? [part.protocol] : part.lanes.map(({ protocol }) => protocol);
      ids.forEach((id, index) => {
        const grant = grantFor(view, protocols[index] ?? 'webrtc');
        if (grant !== undefined) this.#lanes.get(id)?.renewed(grant);
      });
    }
  }

  #untilUpgradeMs(): number {
    const { clock, network } = this.#options.environment;
    return Math.max(UPGRADE_FLOOR_MS, network.probeInMs) * (1 + clock.random() / 4);
  }

  #arm(name: TimerName | 'retry', ms: number, event: MachineEvent): void {
    this.#disarm(name);
    const fire = (): void => {
      this.#timers.delete(name);
      this.#tell(event);
    };
    this.#timers.set(name, this.#options.environment.clock.after(ms, fire));
  }

  #disarm(name: TimerName | 'retry'): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}
