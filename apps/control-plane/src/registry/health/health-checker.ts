// Enters: cameras, what their nodes report, time. Leaves: whether each is there, told to the bus and kept.
// Asks only those that nobody watches, seldom, spread out, one question at a time a host.
// Not its job: what an answer means in detail (the question's), telling people (alerts/).
import type { CameraId, HistoryState, ReasonCode, TenantId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { EventBus } from '../../events/event-bus.ts';
import type { CameraRecord } from '../camera-record.ts';
import { ProbeFailure } from '../probe-failure.ts';
import { hostsOf } from '../source-hosts.ts';
import { FlapDamper, type Observation } from './flap-damper.ts';
import { AFTER_REFUSAL_MS, CHECK_EVERY_MS, HealthSchedule, WHILE_AWAY_MS } from './health-schedule.ts';
import type { HistoryStore } from './history-store.ts';

/** Asks a camera whether it is there. Throws ProbeFailure. */
export type AskCamera = (camera: CameraRecord, signal: AbortSignal) => Promise<void>;

/** A camera is there, is not there, or comes and goes: for who tells people. */
export interface HealthChange {
  readonly cameraId: CameraId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly siteId: string | null;
  readonly state: HistoryState;
  readonly reason: ReasonCode;
}

interface HealthCheckerOptions {
  /** Of all tenants. */
  readonly cameras: () => Promise<readonly CameraRecord[]>;
  readonly ask: AskCamera;
  readonly history: Pick<HistoryStore, 'add' | 'last' | 'removeBefore'>;
  readonly bus: EventBus;
  /** One control process asks and keeps the history; the others hear what it found. */
  readonly isMine: () => boolean;
  readonly onAsked: (id: CameraId, asked: Asked) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_MS = 1000;
const AT_ONCE = 4;
const LIST_EVERY_MS = 30_000;
const WITHIN_MS = 8000;
const KEEP_MS = 90 * 24 * 60 * 60_000;
const CLEAN_EVERY_MS = 24 * 60 * 60_000;

export interface Asked {
  readonly atMs: number;
  readonly failure: ReasonCode | undefined;
}

export class HealthChecker {
  readonly #options: HealthCheckerOptions;
  readonly #schedule = new HealthSchedule();
  readonly #dampers = new Map<CameraId, FlapDamper>();
  readonly #asked = new Map<CameraId, Asked>();
  readonly #busy = new Map<CameraId, { readonly host: string; readonly cancel: AbortController }>();
  /** Their nodes say how they are; a question beside that would be one connection too many. */
  readonly #streaming = new Set<CameraId>();
  readonly #playing = new Set<CameraId>();
  /** When each was last seen to be there. */
  readonly #aliveAtMs = new Map<CameraId, number>();
  readonly #listeners = new Set<(change: HealthChange) => void>();
  readonly #stop = new AbortController();
  #cameras = new Map<CameraId, CameraRecord>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #cleanedAt = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(options: HealthCheckerOptions) {
    this.#options = options;
  }

  /** Hears of every change that lasted. */
  onChange(listener: (change: HealthChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many cameras a site has, and when any of them was last seen to be there, by the clock's `now`. */
  siteFacts(siteId: string): { readonly cameras: number; readonly aliveAtMs: number } {
    let cameras = 0;
    let aliveAtMs = Number.NEGATIVE_INFINITY;
    for (const camera of this.#cameras.values()) {
      if (camera.siteId !== siteId) continue;
      cameras += 1;
      const seenAtMs = this.#playing.has(camera.id)
        ? this.#options.clock.now()
        : this.#aliveAtMs.get(camera.id);
      aliveAtMs = Math.max(aliveAtMs, seenAtMs ?? aliveAtMs);
    }
    return { cameras, aliveAtMs };
  }

  /** What was found when it was last asked: the reason why it is not there, or undefined. */
  asked(id: CameraId): Asked | undefined {
    return this.#asked.get(id);
  }

  /** What another process has found. */
  heard(id: CameraId, asked: Asked): void {
    this.#asked.set(id, asked);
  }

  async start(): Promise<void> {
    const { bus, clock, history } = this.#options;
    for (const [id, { reason, state }] of await history.last())
      this.#dampers.set(id as CameraId, new FlapDamper({ state, reason }));
    const unsubscribe = bus.subscribe(({ event }) => {
      if (event.type === 'camera.changed') this.#listedAt = Number.NEGATIVE_INFINITY;
      if (event.type === 'camera.deleted') this.#forget(event.cameraId);
      if (event.type === 'camera.state') this.#streamed(event.cameraId, event.state, event.reason);
    });
    this.#stop.signal.addEventListener('abort', unsubscribe, { once: true });
    this.#cleanedAt = clock.now();
    this.#later();
  }

  close(): void {
    this.#stop.abort();
    this.#cancel();
  }

  #later(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.#look()
        .catch((err: unknown) => this.#options.log.error({ err }, 'cameras could not be looked after'))
        .finally(() => this.#later());
    });
  }

  async #look(): Promise<void> {
    const { clock, history } = this.#options;
    const now = clock.now();
    if (now - this.#listedAt >= LIST_EVERY_MS) {
      this.#listedAt = now;
      await this.#list(now);
    }
    if (!this.#options.isMine()) return;
    for (const id of this.#schedule.due(
      now,
      AT_ONCE - this.#busy.size,
      new Set([...this.#busy.values()].map(({ host }) => host)),
    ))
      void this.#check(id);
    for (const [id, damper] of this.#dampers) await this.#settle(id, damper);
    if (now - this.#cleanedAt >= CLEAN_EVERY_MS) {
      this.#cleanedAt = now;
      await history.removeBefore(new Date(clock.wallNow() - KEEP_MS));
    }
  }

  async #list(now: number): Promise<void> {
    const all = await this.#options.cameras();
    this.#cameras = new Map(all.map((camera) => [camera.id, camera]));
    const watched = all.filter(isAsked).map((camera) => ({ id: camera.id, host: hostOf(camera) }));
    this.#schedule.use(watched, now);
    for (const { id } of all) if (!watched.some((each) => each.id === id)) this.#asked.delete(id);
  }

  async #check(id: CameraId): Promise<void> {
    const { ask, clock } = this.#options;
    const camera = this.#cameras.get(id);
    const now = clock.now();
    if (camera === undefined) return;
    if (this.#streaming.has(id)) {
      this.#schedule.again(id, now, CHECK_EVERY_MS);
      return;
    }
    const cancel = new AbortController();
    this.#busy.set(id, { host: hostOf(camera), cancel });
    const ends = AbortSignal.any([this.#stop.signal, cancel.signal, AbortSignal.timeout(WITHIN_MS)]);
    try {
      await ask(camera, ends);
      this.#found(id, undefined, CHECK_EVERY_MS);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      // Somebody watches now: its node will say how it is.
      if (cancel.signal.aborted) return this.#schedule.again(id, clock.now(), CHECK_EVERY_MS);
      const reason = error instanceof ProbeFailure ? error.code : 'camera_timeout';
      const refused = reason === 'camera_credentials_rejected';
      this.#found(id, reason, refused ? AFTER_REFUSAL_MS : WHILE_AWAY_MS);
    } finally {
      this.#busy.delete(id);
    }
  }

  #found(id: CameraId, failure: ReasonCode | undefined, againInMs: number): void {
    const { bus, clock } = this.#options;
    this.#schedule.again(id, clock.now(), againInMs);
    const before = this.#asked.get(id)?.failure;
    this.#asked.set(id, { atMs: clock.wallNow(), failure });
    this.#see(id, { isOnline: failure === undefined, reason: failure ?? 'waiting_for_viewer' });
    this.#options.onAsked(id, { atMs: clock.wallNow(), failure });
    if (before !== failure) bus.publish({ type: 'camera.changed', cameraId: id });
  }

  /** What a node reports of a stream is as good as an answer. */
  #streamed(id: CameraId, state: string, reason: ReasonCode): void {
    if (state === 'live') this.#playing.add(id);
    else if (this.#playing.delete(id)) this.#aliveAtMs.set(id, this.#options.clock.now());
    if (state === 'idle') this.#streaming.delete(id);
    else {
      this.#streaming.add(id);
      this.#busy.get(id)?.cancel.abort();
    }
    if (state !== 'live' && state !== 'offline') return;
    if (state === 'live') this.#asked.delete(id);
    this.#see(id, { isOnline: state === 'live', reason });
  }

  #see(id: CameraId, observation: Observation): void {
    if (observation.isOnline) this.#aliveAtMs.set(id, this.#options.clock.now());
    let damper = this.#dampers.get(id);
    if (damper === undefined) {
      damper = new FlapDamper();
      this.#dampers.set(id, damper);
    }
    damper.see(observation, this.#options.clock.now());
  }

  async #settle(id: CameraId, damper: FlapDamper): Promise<void> {
    const { clock, history, log } = this.#options;
    const before = damper.settled;
    const changed = damper.settle(clock.now());
    const camera = this.#cameras.get(id);
    if (changed === undefined || camera === undefined) return;
    await history.add(id, { at: new Date(clock.wallNow()), ...changed });
    log.info({ cameraId: id, state: changed.state, reason: changed.reason }, 'camera health changed');
    // That a camera which nobody has seen before is there is no news.
    if (before === undefined && changed.state === 'online') return;
    const { name, siteId, tenantId } = camera;
    for (const listener of this.#listeners) listener({ cameraId: id, tenantId, name, siteId, ...changed });
  }

  #forget(id: CameraId): void {
    this.#dampers.delete(id);
    this.#asked.delete(id);
    this.#streaming.delete(id);
    this.#playing.delete(id);
    this.#aliveAtMs.delete(id);
    this.#cameras.delete(id);
  }
}

/** A device that bears one connection alone is not asked: the next moment somebody may want it. */
function isAsked({ maxConnections, profiles, source, watched }: CameraRecord): boolean {
  const isRtsp = source.kind === 'rtsp' || source.kind === 'onvif';
  return watched && isRtsp && maxConnections !== 1 && profiles.some(({ url }) => url !== '');
}

function hostOf({ source }: CameraRecord): string {
  return hostsOf(source)[0] ?? '';
}
