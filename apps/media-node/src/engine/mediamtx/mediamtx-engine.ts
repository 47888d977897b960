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
import { type AddressRules, type Clock, type Log, VedetteError } from '@vedette/runtime';
import { rejectedAfterMs } from '../../ingest/retry/retry-plan.ts';
import { FenceMemory } from '../fence-memory.ts';
import type { Traffic } from '../load-meter.ts';
import type { EngineObservation, MediaEngine } from '../media-engine.ts';
import { type View, ViewRegistry } from '../view-registry.ts';
import type { ApiClient } from './api-answers.ts';
import { ClientViews, type LetIn } from './client-views.ts';
import { HlsViews } from './hls-views.ts';
import type { ClientList, MediaMtxApi, PathSettings } from './mediamtx-api.ts';
import { type PathDefaults, planPath } from './path-plan.ts';
import { PathReconciler } from './path-reconciler.ts';
import { readPullLog } from './pull-log.ts';
import { sourceAddress } from './source-address.ts';
import { StreamRecord } from './stream-record.ts';

export interface MediaMtxEngineOptions {
  readonly api: Pick<MediaMtxApi, 'clients' | 'kick' | 'path' | 'paths' | 'removePath' | 'setPath'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly rules: Pick<AddressRules, 'refusal'>;
  readonly defaults: PathDefaults;
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
/** A camera's name may lead elsewhere by now. */
const ADDRESS_HOLDS_MS = 30_000;
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
  readonly #records = new Map<StreamPath, StreamRecord>();
  readonly #fences = new FenceMemory();
  readonly #listeners = new Set<() => void>();
  /** People at the door of a stream, waiting for its first picture. */
  readonly #knocking = new Map<string, number>();
  /** Put into MediaMTX by us, in this life. */
  readonly #ours = new Set<string>();
  #bytesInBefore = 0;
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
      disturbedWithin: (path, ms) => this.#records.get(path as StreamPath)?.notLiveWithin(ms) ?? false,
      isRevoked: options.isRevoked,
      onEnded,
    });
    this.#paths = new PathReconciler({
      api,
      clock,
      log,
      onChange: () => this.#lookSoon(),
      setAll: setAllPaths,
    });
  }

  /** Begins to look at MediaMTX. */
  start(): void {
    this.#lookIn(0);
  }

  apply(desired: readonly DesiredStream[]): void {
    const wanted = new Set<StreamPath>();
    for (const stream of desired) {
      wanted.add(stream.path);
      if (!this.#fences.passes(stream, (path) => this.#records.has(path))) continue;
      const record = this.#records.get(stream.path);
      if (record === undefined) this.#open(stream);
      else if (JSON.stringify(stream) !== JSON.stringify(record.desired)) this.#update(record, stream);
    }
    for (const [path, record] of this.#records) {
      if (wanted.has(path)) continue;
      this.#records.delete(path);
      this.#bytesInBefore += record.bytesIn;
      for (const { path: watched, sessionId } of this.views.sessions())
        if (watched === path) this.views.close(sessionId, 'stream_dropped');
    }
    this.#want();
    this.#changed();
  }

  observe(): EngineObservation {
    return { streams: this.streams(), sessions: this.views.sessions(), ended: this.views.drainEnded() };
  }

  /** As in `observe`, without taking the ended views away from who reports them. */
  streams(): StreamState[] {
    return [...this.#records.values()].map((record) => {
      const { path } = record.desired;
      return record.state({
        reachable: this.#reachable,
        added: this.#paths.has(path),
        refusal: this.#paths.refusal(path),
        demanded: this.#knocking.has(path) || this.views.viewersOf(path) > 0,
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
    return this.#records.get(path as StreamPath)?.desired;
  }

  /**
   * Lets a viewer at a stream once MediaMTX has it; the returned value ends the wait for pictures. Throws VedetteError
   * `not_running`, `engine_unsupported`, `camera_offline`, `at_capacity` or `unavailable`.
   */
  async admit(path: string, claims: MediaClaims, protocol: 'webrtc' | 'hls' | 'rtsp'): Promise<Disposable> {
    const record = this.#records.get(path as StreamPath);
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
    const knocking = this.#knock(path);
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
    const told = readPullLog(line);
    const record = told === undefined ? undefined : this.#records.get(told.path as StreamPath);
    if (told === undefined || record === undefined) return;
    record.heard(told.news);
    if (told.news.kind === 'failed') {
      const { cameraId, profile } = record.desired;
      this.#options.log.warn({ cameraId, profile, reason: told.news.reason }, told.news.detail);
      if (told.news.reason === 'camera_credentials_rejected') this.#hold(record);
    }
    if (told.news.kind !== 'lost') this.#changed();
    if (told.news.kind === 'started') this.#lookSoon();
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
    let bytesIn = this.#bytesInBefore;
    for (const record of this.#records.values()) bytesIn += record.bytesIn;
    return {
      bytesIn,
      bytesOut: this.views.bytesSent(),
      webrtcViewers: this.views.count('webrtc'),
      hlsViewers: this.views.count('hls'),
      rtspViewers: this.views.count('rtsp'),
    };
  }

  /** What MediaMTX should have now. */
  wantedPaths(): Map<StreamPath, PathSettings> {
    const now = this.#options.clock.now();
    const paths = new Map<StreamPath, PathSettings>();
    if (this.#held) return paths;
    for (const [path, { heldUntilMs, plan }] of this.#records)
      if (plan?.kind === 'path' && heldUntilMs <= now) paths.set(path, plan.settings);
    return paths;
  }

  #open(desired: DesiredStream): void {
    const record = new StreamRecord({ desired, clock: this.#options.clock });
    this.#records.set(desired.path, record);
    void this.#plan(record);
  }

  #update(record: StreamRecord, desired: DesiredStream): void {
    const sourceChanged = JSON.stringify(desired.source) !== JSON.stringify(record.desired.source);
    record.desired = desired;
    if (sourceChanged) record.heldUntilMs = 0;
    void this.#plan(record);
  }

  async #plan(record: StreamRecord): Promise<void> {
    const { desired } = record;
    record.plannedAtMs = this.#options.clock.now();
    const address = await sourceAddress(desired.source, this.#options.rules);
    if (record.desired !== desired || this.#records.get(desired.path) !== record) return;
    record.plan =
      address.kind === 'refused'
        ? { kind: 'impossible', reason: address.reason, detail: address.detail }
        : planPath(desired, address.host, this.#options.defaults);
    this.#want();
    this.#changed();
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

  /** A wrong password asked every five seconds locks the account: the path goes away for as long as a native pull waits. */
  #hold(record: StreamRecord): void {
    const { clock, random } = this.#options;
    record.heldUntilMs = clock.now() + rejectedAfterMs(record.rejections, random);
    this.#want();
  }

  #checkRoom({ maxWebrtcViewers, path }: DesiredStream, claims: MediaClaims): void {
    const others = this.views
      .sessions()
      .filter((view) => view.path === path && view.protocol === 'webrtc' && view.sessionId !== claims.sid);
    if (others.length >= maxWebrtcViewers)
      throw new VedetteError('at_capacity', { retryAfterSeconds: RETRY_SECONDS });
  }

  #knock(path: string): Disposable {
    let over = false;
    this.#knocking.set(path, (this.#knocking.get(path) ?? 0) + 1);
    this.#changed();
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        const left = (this.#knocking.get(path) ?? 1) - 1;
        if (left > 0) this.#knocking.set(path, left);
        else this.#knocking.delete(path);
        this.#lookSoon();
      },
    };
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
      for (const [path, record] of this.#records) record.seen(names.get(path));
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
    const now = this.#options.clock.now();
    for (const record of this.#records.values()) {
      const stale = !record.live && now - record.plannedAtMs > ADDRESS_HOLDS_MS;
      if (stale && record.desired.source.kind === 'rtsp') void this.#plan(record);
    }
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
      const record = this.#records.get(client.path as StreamPath);
      if (record?.source?.id === client.id) record.lostBySender(client.lostIn);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
