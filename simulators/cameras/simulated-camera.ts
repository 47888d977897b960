// In: a scene and the simulator's settings. Out: one camera: RTSP and ONVIF servers on its own ports, its
// counts, its time lines, its faults. Several cameras share clips and the frame wheel, nothing else.
import { createHash } from 'node:crypto';
import type { Clock, Log } from '@vedette/runtime';
import { type CameraCounts, newCameraCounts } from './counts.ts';
import { Fault, type Misbehaviour, misbehaviourOf, WELL_BEHAVED } from './faults.ts';
import { OnvifServer } from './onvif/onvif-server.ts';
import type { DiscoverableCamera } from './onvif/ws-discovery.ts';
import { type Pull, PullLog } from './pull-log.ts';
import { RtspServer } from './rtsp/rtsp-server.ts';
import { PROFILES, type ProfileName } from './rtsp/stream-path.ts';
import type { Scene } from './scenes.ts';
import type { SimulatorSettings } from './simulator-options.ts';
import type { FrameWheel } from './stream/frame-wheel.ts';
import { LiveTimeline, type TimelineReport } from './stream/live-timeline.ts';
import type { Reel } from './stream/reel.ts';

type LastingFault = Exclude<Fault['kind'], 'drop'>;

export class SimulatedCamera {
  /** From 1. */
  readonly index: number;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly #settings: SimulatorSettings;
  readonly #scene: Scene;
  readonly #clock: Clock;
  readonly #wheel: FrameWheel;
  readonly #rtsp: RtspServer;
  readonly #onvif: OnvifServer;
  readonly #endpoint: string;
  readonly #counts = newCameraCounts();
  readonly #pulls: PullLog;
  #timelines: Record<ProfileName, LiveTimeline>;
  #sound: LiveTimeline | undefined;
  #misbehaviour: Misbehaviour = WELL_BEHAVED;
  #fault: LastingFault = 'none';
  #cancelRestart: (() => void) | undefined;
  /** Opening and closing in the order they were asked for. */
  #turn: Promise<void> = Promise.resolve();
  #up = false;
  #closed = false;

  constructor(options: {
    index: number;
    scene: Scene;
    settings: SimulatorSettings;
    password: string;
    /** What tells the cameras of one simulator from those of another, over restarts. */
    seed: string;
    clock: Clock;
    wheel: FrameWheel;
    log: Log;
  }) {
    const { index, settings, clock } = options;
    this.index = index;
    this.name = index <= 9 ? options.scene.name : `${options.scene.name} ${Math.ceil(index / 9)}`;
    this.username = settings.username;
    this.password = options.password;
    this.#settings = settings;
    this.#scene = options.scene;
    this.#clock = clock;
    this.#pulls = new PullLog({ wallNow: () => clock.wallNow() });
    this.#wheel = options.wheel;
    this.#timelines = this.#newTimelines();
    this.#sound = this.#newSound();
    const identity = createHash('sha256').update(`${options.seed}:${index}`).digest('hex');
    this.#endpoint = `urn:uuid:${identity.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-a$4-$5')}`;
    const shared = {
      name: this.name,
      clock,
      log: options.log,
      counts: this.#counts,
      credentials: { username: this.username, password: this.password },
      sessionTimeoutMs: settings.sessionTimeoutMs,
      misbehaviour: () => this.#misbehaviour,
    };
    const port = (offset: number) => (settings.basePort === 0 ? 0 : settings.basePort + 2 * index + offset);
    this.#rtsp = new RtspServer({
      bind: settings.bind,
      port: port(0),
      camera: {
        ...shared,
        pulls: this.#pulls,
        auth: settings.auth,
        keyFrameOnPlay: settings.keyFrameOnPlay,
        udp: settings.udp,
        nonceLifeMs: settings.nonceLifeMs,
        timeline: (profile) => this.#timelines[profile],
        sound: () => this.#sound,
      },
    });
    this.#onvif = new OnvifServer({
      bind: settings.bind,
      port: port(-1),
      camera: {
        ...shared,
        serial: identity.slice(0, 12).toUpperCase(),
        snapshotFile: options.scene.snapshotFile,
        clip: (profile) => options.scene.clips[profile],
        rtspPort: () => this.#rtsp.port,
        synchronize: (profile) => this.#timelines[profile].forceKeyFrame(),
      },
    });
  }

  /** The fault that is on. */
  get currentFault(): LastingFault {
    return this.#fault;
  }

  /** Where it is reached; on this machine when it listens on every address. */
  get onvif(): { readonly host: string; readonly port: number } {
    return { host: this.#host, port: this.#onvif.port };
  }

  /** Without credentials. */
  rtspUrl(profile: ProfileName): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `rtsp://${host}:${this.#rtsp.port}/${profile}`;
  }

  /** What WS-Discovery tells of it; nothing while it is away or hangs. */
  get discoverable(): DiscoverableCamera | undefined {
    if (!this.#up || this.#misbehaviour.hang) return undefined;
    return { name: this.name, endpoint: this.#endpoint, port: this.#onvif.port };
  }

  /** A copy of the counts as they are now. */
  counts(): CameraCounts {
    return structuredClone(this.#counts);
  }

  /** Who pulls it, or did at `ms` or later; ms since the Unix epoch. */
  pulls(sinceMs: number): readonly Pull[] {
    return this.#pulls.since(sinceMs);
  }

  timeline(profile: ProfileName): TimelineReport {
    return this.#timelines[profile].report();
  }

  /** Resolves once the camera misbehaves as asked (or behaves again); for `restart`, once it is down. */
  async fault(input: Fault): Promise<void> {
    const fault = Fault.parse(input);
    if (fault.kind === 'drop') {
      this.#rtsp.dropConnections(fault.reset);
      return;
    }
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    this.#fault = fault.kind;
    this.#misbehaviour = misbehaviourOf(fault);
    this.#freeze(this.#misbehaviour.freeze);
    if (fault.kind === 'refuse') return this.#enqueue(() => this.#closeServers());
    if (fault.kind !== 'restart') return this.#enqueue(() => this.#openServers());
    await this.#enqueue(() => this.#closeServers());
    if (this.#fault !== 'restart' || this.#closed) return;
    this.#replaceTimelines();
    this.#cancelRestart = this.#clock.after(fault.downMs, () => {
      this.#fault = 'none';
      void this.#enqueue(() => this.#openServers()).catch(() => {
        this.#fault = 'refuse';
      });
    });
  }

  open(): Promise<void> {
    return this.#enqueue(() => this.#openServers());
  }

  /** Ends sessions that are silent for too long; called once a second. */
  sweep(): void {
    this.#rtsp.sweep();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRestart?.();
    await this.#enqueue(() => this.#closeServers());
    for (const profile of PROFILES) this.#timelines[profile].close();
    this.#sound?.close();
  }

  get #host(): string {
    const { bind } = this.#settings;
    return bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  }

  async #openServers(): Promise<void> {
    if (this.#up || this.#closed) return;
    await Promise.all([this.#rtsp.open(), this.#onvif.open()]);
    this.#up = true;
  }

  async #closeServers(): Promise<void> {
    this.#up = false;
    await Promise.all([this.#rtsp.close(), this.#onvif.close()]);
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => {});
    return done;
  }

  #freeze(frozen: boolean): void {
    for (const profile of PROFILES) this.#timelines[profile].freeze(frozen);
    this.#sound?.freeze(frozen);
  }

  #replaceTimelines(): void {
    for (const profile of PROFILES) this.#timelines[profile].close();
    this.#sound?.close();
    this.#timelines = this.#newTimelines();
    this.#sound = this.#newSound();
  }

  #newTimelines(): Record<ProfileName, LiveTimeline> {
    const { clips } = this.#scene;
    return { main: this.#newTimeline(clips.main), sub: this.#newTimeline(clips.sub) };
  }

  #newSound(): LiveTimeline | undefined {
    return this.#scene.sound === undefined ? undefined : this.#newTimeline(this.#scene.sound);
  }

  #newTimeline(clip: Reel): LiveTimeline {
    // the golden ratio spreads any number of cameras evenly
    const phase = (this.index * 0.618) % 1;
    return new LiveTimeline({ clip, clock: this.#clock, wheel: this.#wheel, phase });
  }
}
