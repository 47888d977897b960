// Enters: the whole set of desired streams; what MediaMTX tells of its paths and clients. Leaves: calls of its API, what
// runs, who watches, who left.
// Not its job: running MediaMTX (mediamtx-process.ts), HTTP and RTSP (ways-in/), tokens (auth-endpoint.ts).
import type {
  DesiredStream,
  MediaClaims,
  ReasonCode,
  RevokedView,
  SessionId,
  StreamPath,
  StreamState,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { Traffic } from '../load-meter.ts';
import type { EngineObservation, MediaEngine } from '../media-engine.ts';
import { type View, ViewRegistry } from '../view-registry.ts';
import type { ApiClient } from './api-answers.ts';
import { ClientViews, type LetIn } from './client-views.ts';
import { Doorstep } from './doorstep.ts';
import { HlsViews } from './hls-views.ts';
import type { ClientList, MediaMtxApi, PathSettings } from './mediamtx-api.ts';
import { PathReconciler } from './path-reconciler.ts';
import { StreamRecords, type StreamRecordsOptions } from './stream-records.ts';

export interface MediaMtxEngineOptions extends Omit<StreamRecordsOptions, 'onDropped' | 'onWanted'> {
  readonly api: Pick<MediaMtxApi, 'clients' | 'kick' | 'path' | 'paths' | 'removePath' | 'setPath'>;
  /** Which of its listeners are on. */
  readonly lists: readonly ClientList[];
  /** False when others put paths into this MediaMTX as well, which are none of our business. */
  readonly exclusive: boolean;
  readonly setAllPaths?: ((paths: ReadonlyMap<StreamPath, PathSettings>) => Promise<void>) | undefined;
  readonly isRevoked: (sessionId: SessionId) => boolean;
  readonly onEnded: (view: View, reason: ReasonCode) => void;
}

const LOOK_EVERY_MS = 1000;
/** After something that is about to change. */
const LOOK_SOON_MS = 150;
const READY_WITHIN_MS = 5000;
const RETRY_SECONDS = 2;
const IN_AT_ONCE: Disposable = { [Symbol.dispose]: () => undefined };
const PROTOCOLS = { webrtcsessions: 'webrtc', rtspsessions: 'rtsp', rtspssessions: 'rtsp' } as const;

export class MediaMtxEngine implements MediaEngine {
  readonly views: ViewRegistry;
  readonly hls: HlsViews;
  readonly clients: ClientViews;
  readonly #options: MediaMtxEngineOptions;
  readonly #paths: PathReconciler;
  readonly #records: StreamRecords;
  readonly #listeners = new Set<() => void>();
  readonly #doorstep = new Doorstep({ onChange: () => this.#lookSoon() });
  /** Put into MediaMTX by us, in this life. */
  readonly #ours = new Set<string>();
  #reachable = false;
  #looking = false;
  #cancelLook: (() => void) | undefined;
  #cancelWant: (() => void) | undefined;
  /** Pulls nothing, whatever is desired. */
  #held = false;
  #closed = false;

  constructor(options: MediaMtxEngineOptions) {
    this.#options = options;
    const { api, clock, log, onEnded, setAllPaths } = options;
    this.views = new ViewRegistry({ clock, onChange: () => this.#changed() });
    this.hls = new HlsViews({ views: this.views, clock, onEnded });
    this.clients = new ClientViews({
      api,
      views: this.views,
      clock,
      log,
      disturbedWithin: (path, ms) => this.#records.get(path)?.notLiveWithin(ms) ?? false,
      isRevoked: options.isRevoked,
      onEnded,
    });
    this.#records = new StreamRecords({
      ...options,
      onWanted: () => this.#want(),
      onDropped: (path) => {
        for (const { path: watched, sessionId } of this.views.sessions())
          if (watched === path) this.views.close(sessionId, 'stream_dropped');
      },
    });
    this.#paths = new PathReconciler({
      api,
      clock,
      log,
      onChange: () => this.#changed(),
      setAll: setAllPaths,
    });
  }

  /** Begins to look at MediaMTX. */
  start(): void {
    this.#lookIn(0);
  }

  apply(desired: readonly DesiredStream[]): void {
    this.#records.apply(desired);
    this.#changed();
  }

  observe(): EngineObservation {
    return { streams: this.streams(), sessions: this.views.sessions(), ended: this.views.drainEnded() };
  }

  /** As in `observe`, without taking the ended views away from who reports them. */
  streams(): StreamState[] {
    return this.#records.values().map((record) => {
      const { path } = record.desired;
      return record.state({
        reachable: this.#reachable,
        added: this.#paths.has(path),
        refusal: this.#paths.refusal(path),
        demanded: this.#doorstep.has(path) || this.views.viewersOf(path) > 0,
      });
    });
  }

  revoke(views: readonly RevokedView[]): void {
    for (const { sessionId } of views) this.close(sessionId, 'revoked');
  }

  close(sessionId: SessionId, reason: ReasonCode): void {
    this.clients.turnAway(sessionId);
    this.views.close(sessionId, reason);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Nothing to do: MediaMTX closes a camera that nobody watches by itself, control or no control. */
  setControlConnected(_connected: boolean): void {}

  /** MediaMTX may not have stood still with us: it is told to let everything go. */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#want();
    this.#changed();
  }

  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#want();
    this.#changed();
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#cancelLook?.();
    this.#paths.close();
    for (const { sessionId } of this.views.sessions()) this.views.close(sessionId, 'shutting_down');
    const { api, exclusive } = this.#options;
    // One that runs on without us must not go on pulling our cameras.
    if (!exclusive) await Promise.allSettled([...this.#ours].map((path) => api.removePath(path)));
    this.#records.clear();
  }

  /** MediaMTX asked whether this one may have the session of that id, and was told yes. */
  letIn(id: string, who: LetIn): void {
    this.clients.letIn(id, who);
    this.#lookSoon();
  }

  /** What is desired at this path; undefined when control does not want it here. */
  desired(path: string): DesiredStream | undefined {
    return this.#records.get(path)?.desired;
  }

  /**
   * Lets a viewer at a stream once MediaMTX has it; the returned value ends the wait for pictures. Throws VedetteError
   * `not_running`, `engine_unsupported`, `camera_offline`, `at_capacity` or `unavailable`.
   */
  async admit(path: string, claims: MediaClaims, protocol: 'webrtc' | 'hls' | 'rtsp'): Promise<Disposable> {
    const record = this.#records.get(path);
    if (record === undefined) throw new VedetteError('not_running', { retryAfterSeconds: 1 });
    if (protocol === 'webrtc') this.#checkRoom(record.desired, claims);
    this.clients.knocks(protocol, claims.sid);
    if (record.plan?.kind === 'impossible')
      throw new VedetteError(
        record.plan.reason === 'engine_unsupported' ? 'engine_unsupported' : 'camera_offline',
        {
          detail: record.plan.detail,
        },
      );
    if (record.heldUntilMs > this.#options.clock.now())
      throw new VedetteError('camera_offline', { retryAfterSeconds: 30 });
    if (record.live && this.#paths.has(record.desired.path)) return IN_AT_ONCE;
    const knocking = this.#doorstep.wait(path);
    try {
      await this.#paths.ready(record.desired.path, AbortSignal.timeout(READY_WITHIN_MS));
    } catch (cause) {
      knocking[Symbol.dispose]();
      throw new VedetteError('unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
    }
    return knocking;
  }

  /** One line of MediaMTX's log. */
  heard(line: string): void {
    const news = this.#records.heard(line);
    if (news === undefined || news.kind === 'lost') return;
    if (news.kind === 'started') this.#lookSoon();
    else this.#changed();
  }

  /** MediaMTX has ended, and with it everything that it had. */
  lost(): void {
    this.#reachable = false;
    this.#paths.lost();
    for (const record of this.#records.values()) record.seen(undefined);
    this.#changed();
  }

  /** Running totals for the load report. */
  traffic(): Omit<Traffic, 'ffmpeg'> {
    return {
      bytesIn: this.#records.bytesIn(),
      bytesOut: this.views.bytesSent(),
      webrtcViewers: this.views.count('webrtc'),
      hlsViewers: this.views.count('hls'),
      rtspViewers: this.views.count('rtsp'),
    };
  }

  /** What MediaMTX should have now. */
  wantedPaths(): ReadonlyMap<StreamPath, PathSettings> {
    return this.#held ? new Map() : this.#records.wantedPaths();
  }

  /** Once for all that is planned in the same turn. */
  #want(): void {
    this.#cancelWant ??= this.#options.clock.after(0, () => {
      this.#cancelWant = undefined;
      this.#wantNow();
    });
  }

  #wantNow(): void {
    if (this.#closed) return;
    const wanted = this.wantedPaths();
    for (const path of wanted.keys()) this.#ours.add(path);
    this.#paths.want(wanted);
  }

  #checkRoom({ maxWebrtcViewers, path }: DesiredStream, claims: MediaClaims): void {
    const others = this.views
      .sessions()
      .filter((view) => view.path === path && view.protocol === 'webrtc' && view.sessionId !== claims.sid);
    if (others.length >= maxWebrtcViewers)
      throw new VedetteError('at_capacity', { retryAfterSeconds: RETRY_SECONDS });
  }

  #lookSoon(): void {
    if (!this.#looking) this.#lookIn(LOOK_SOON_MS);
    this.#changed();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    this.#cancelLook?.();
    this.#cancelLook = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const { api, lists } = this.#options;
    try {
      const [paths, ...clients] = await Promise.all([api.paths(), ...lists.map((list) => api.clients(list))]);
      if (this.#closed) return;
      this.#reachable = true;
      const names = new Map(paths.map((path) => [path.name, path]));
      const { exclusive } = this.#options;
      this.#paths.found(new Set([...names.keys()].filter((name) => exclusive || this.#ours.has(name))));
      for (const record of this.#records.values()) record.seen(names.get(record.desired.path));
      for (const [index, list] of lists.entries()) this.#seen(list, clients[index] ?? []);
      this.hls.sweep();
    } catch (err) {
      if (this.#reachable) this.#options.log.warn({ err }, 'MediaMTX does not answer');
      this.lost();
    } finally {
      this.#looking = false;
    }
    this.#afterLook();
  }

  #afterLook(): void {
    this.#records.lookUpAgain();
    this.#want();
    this.#changed();
    this.#lookIn(LOOK_EVERY_MS);
  }

  #seen(list: ClientList, clients: readonly ApiClient[]): void {
    if (list in PROTOCOLS) {
      const protocol = PROTOCOLS[list as keyof typeof PROTOCOLS];
      this.clients.seen(list, protocol, clients, (path) => this.#options.exclusive || this.#ours.has(path));
    }
    for (const client of clients) {
      if (client.state !== 'publish') continue;
      const record = this.#records.get(client.path);
      if (record?.source?.id === client.id) record.lostBySender(client.lostIn);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
