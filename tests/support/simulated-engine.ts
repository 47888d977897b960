import type {
  CameraId,
  DesiredStream,
  EndedSession,
  NodeSession,
  ProfileName,
  Protocol,
  ReasonCode,
  RevokedView,
  SessionId,
  StreamHealth,
  StreamPath,
  StreamState,
  UserId,
} from '@vedette/contracts';
import type { EngineObservation, MediaEngine } from '../../apps/media-node/src/engine/media-engine.ts';

export interface SimulatedViewer {
  readonly sessionId: string;
  readonly userId: string;
  readonly cameraId: string;
  readonly path: string;
  readonly profile: ProfileName;
  readonly protocol: Protocol;
}

/** A media engine without media: streams are live as soon as they are applied, viewers come and go as told. */
export class SimulatedEngine implements MediaEngine {
  /** Sent so far about it: one count over all connections of its process. */
  reports = 0;
  /** What a new stream's health is. */
  health: StreamHealth = 'live';
  /** How often each path was pulled anew. */
  readonly pulls = new Map<string, number>();
  readonly revoked = new Map<SessionId, number>();
  controlConnected = false;
  held = false;
  readonly #now: () => number;
  readonly #streams = new Map<StreamPath, { desired: DesiredStream; state: StreamState }>();
  readonly #sessions = new Map<SessionId, NodeSession>();
  #ended: EndedSession[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(options: { readonly now: () => number }) {
    this.#now = options.now;
  }

  get desired(): readonly DesiredStream[] {
    return [...this.#streams.values()].map(({ desired }) => desired);
  }

  get sessions(): readonly NodeSession[] {
    return [...this.#sessions.values()];
  }

  apply(desired: readonly DesiredStream[]): void {
    const paths = new Set(desired.map(({ path }) => path));
    for (const path of this.#streams.keys()) {
      if (paths.has(path)) continue;
      this.#streams.delete(path);
      for (const session of this.sessions)
        if (session.path === path) this.close(session.sessionId, 'stream_dropped');
    }
    for (const stream of desired) {
      const before = this.#streams.get(stream.path);
      if (before === undefined) this.pulls.set(stream.path, (this.pulls.get(stream.path) ?? 0) + 1);
      this.#streams.set(stream.path, {
        desired: stream,
        state: { ...(before?.state ?? this.#newState(stream)), fence: stream.fence },
      });
    }
  }

  observe(): EngineObservation {
    const ended = this.#ended;
    this.#ended = [];
    return {
      streams: [...this.#streams.values()].map(({ state }) => state),
      sessions: [...this.#sessions.values()],
      ended,
    };
  }

  /** False when the node would not let this viewer in. */
  connect(viewer: SimulatedViewer): boolean {
    const sessionId = viewer.sessionId as SessionId;
    if (!this.#streams.has(viewer.path as StreamPath)) return false;
    if ((this.revoked.get(sessionId) ?? 0) > this.#now()) return false;
    this.#sessions.set(sessionId, {
      sessionId,
      userId: viewer.userId as UserId,
      cameraId: viewer.cameraId as CameraId,
      profile: viewer.profile,
      path: viewer.path as StreamPath,
      protocol: viewer.protocol,
      connectedAt: this.#now(),
      clientAddress: '127.0.0.1',
      bytesSent: 1000,
      framesSent: 10,
      framesDropped: 0,
      packetsLost: 0,
      rttMs: 1,
    });
    this.#changed();
    return true;
  }

  setHealth(path: string, health: StreamHealth, reason: ReasonCode, detail: string | null = null): void {
    const stream = this.#streams.get(path as StreamPath);
    if (stream === undefined) throw new Error(`no stream ${path}`);
    stream.state = { ...stream.state, health, reason, detail };
    this.#changed();
  }

  setBFrames(path: string, hasBFrames: boolean): void {
    const stream = this.#streams.get(path as StreamPath);
    if (stream === undefined) throw new Error(`no stream ${path}`);
    stream.state = { ...stream.state, hasBFrames, framesIn: 1000 };
    this.#changed();
  }

  revoke(views: readonly RevokedView[]): void {
    for (const { sessionId, untilMs } of views) {
      this.revoked.set(sessionId, untilMs);
      this.close(sessionId, 'revoked');
    }
  }

  close(sessionId: SessionId, reason: ReasonCode): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    const endedAt = this.#now();
    const seconds = (endedAt - session.connectedAt) / 1000;
    this.#ended.push({ sessionId, reason, endedAt, seconds, bytesSent: session.bytesSent, last: session });
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hold(): void {
    this.held = true;
  }

  resume(): void {
    this.held = false;
  }

  setControlConnected(connected: boolean): void {
    this.controlConnected = connected;
  }

  async shutdown(): Promise<void> {}

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #newState({ cameraId, fence, path, profile }: DesiredStream): StreamState {
    return {
      path,
      cameraId,
      profile,
      fence,
      health: this.health,
      reason: this.health === 'live' ? 'live' : 'connecting',
      detail: null,
      codec: 'h264',
      audio: null,
      nowPlaying: null,
      width: 1280,
      height: 720,
      frameRate: 15,
      bitsPerSecond: 1_000_000,
      keyFrameIntervalMs: 2000,
      lastFrameAt: this.#now(),
      reconnects: 0,
      framesIn: 1,
      packetsLost: 0,
      outputs: [],
    };
  }
}
