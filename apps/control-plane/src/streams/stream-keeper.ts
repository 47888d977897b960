// Enters: time, nodes that come and go, cameras that change. Leaves: streams that exist exactly as long as they should.
// Not its job: views that somebody asks for (stream-service.ts).
import type { CameraId, NodeId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { BudgetBook } from '../admission/budget-book.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import { type Placement, rankNodes } from '../placement/placement.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { Counter, SharedState, StreamRecord, StreamToRun } from '../state/shared-state.ts';
import { type CameraCatalog, type StreamableCamera, streamToRun } from './camera-catalog.ts';
import type { DesiredStreams } from './desired-streams.ts';
import type { RenditionParents } from './rendition-parents.ts';

export interface StreamKeeperOptions {
  readonly state: SharedState;
  readonly directory: NodeDirectory;
  readonly placement: Pick<Placement, 'open'>;
  readonly catalog: CameraCatalog;
  readonly desired: Pick<DesiredStreams, 'prune'>;
  readonly parents: Pick<RenditionParents, 'renew'>;
  readonly budgets: Pick<BudgetBook, 'of'>;
  readonly news: ViewNews;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** A time to live ends at most this late. */
const SWEEP_MS = 250;
const PRUNE_MS = 60_000;
/** Well within any time to live. */
const RENEW_MS = 250;
const RETRY_MS = 1000;
/** A stream that moved waits at least this long for its viewers to start again. */
const MOVE_HOLD_MS = 10_000;

export class StreamKeeper {
  readonly #options: StreamKeeperOptions;
  readonly #stops: (() => void)[] = [];
  #cancelSweep: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #closed = false;
  #prunedAt = 0;
  #renewedAt = 0;
  #tending: Promise<void> | undefined;
  #again = false;

  constructor(options: StreamKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus, directory } = this.#options;
    this.#stops.push(
      directory.onChange(() => this.tend()),
      bus.subscribe(({ event }) => {
        if (event.type === 'camera.changed' || event.type === 'camera.deleted') {
          void this.#configure(event.cameraId);
        }
      }),
    );
    this.tend();
    void this.#sweep();
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    this.#cancelSweep();
    this.#cancelRetry();
  }

  /** Moves what runs on lost nodes and places always-on cameras that run nowhere; soon, and once for many calls. */
  tend(): void {
    if (this.#closed) return;
    if (this.#tending !== undefined) {
      this.#again = true;
      return;
    }
    this.#cancelRetry();
    this.#tending = this.#tendOnce()
      .catch((err: unknown) => {
        this.#options.log.error({ err }, 'streams could not be looked after; trying again');
        this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => this.tend());
      })
      .finally(() => {
        this.#tending = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.tend();
      });
  }

  async #tendOnce(): Promise<void> {
    const { catalog, clock, directory, state } = this.#options;
    await directory.settled;
    const nodes = this.#options.placement.open();
    if (nodes.length === 0) return;
    const loads = new Map(await state.streamCounts());
    const places = new Map<CameraId, NodeId[]>();
    // Streams of one camera stay together.
    const place = (camera: Pick<StreamableCamera, 'id' | 'siteId'>): NodeId[] => {
      const ranking = places.get(camera.id) ?? rankNodes(camera, { nodes, loads });
      places.set(camera.id, ranking);
      const [best] = ranking;
      if (best !== undefined) loads.set(best, (loads.get(best) ?? 0) + 1);
      return ranking;
    };
    const assigned = new Set<string>();
    for (const stream of await state.streams()) {
      assigned.add(stream.path);
      if (!directory.holdsLease(stream.nodeId)) await this.#move(stream, place);
    }
    for (const camera of await catalog.alwaysOn()) {
      const budgets = await this.#options.budgets.of(camera, true);
      for (const stream of streamsOf(camera, budgets)) {
        if (!stream.alwaysOn || assigned.has(stream.path)) continue;
        await state.ensureStream({ stream, budgets, ranking: place(camera), nowMs: clock.wallNow() });
      }
    }
  }

  async #move(
    stream: StreamRecord,
    place: (camera: Pick<StreamableCamera, 'id' | 'siteId'>) => NodeId[],
  ): Promise<void> {
    const { catalog, clock, log, news, state } = this.#options;
    // What nobody watches ends by its time to live, wherever it is.
    if (stream.views === 0 && !stream.alwaysOn) return;
    const { cameraId, fence, nodeId, path, ttlMs } = stream;
    const camera = await catalog.find(cameraId);
    const [to] = place({ id: cameraId, siteId: camera?.siteId ?? null });
    if (to === undefined) return;
    log.warn({ cameraId, path, nodeId: to, from: nodeId, reason: 'node_lost' }, 'stream moved');
    const moved = await state.moveStream({
      path,
      fence,
      to,
      reason: 'node_lost',
      nowMs: clock.wallNow(),
      holdMs: Math.max(ttlMs, MOVE_HOLD_MS),
    });
    news.ended(moved?.ended ?? []);
  }

  async #configure(cameraId: CameraId): Promise<void> {
    const { catalog, clock, log, news, state } = this.#options;
    try {
      const camera = await catalog.find(cameraId);
      const ended = await state.configureCamera({
        cameraId,
        paths: camera === undefined ? [] : streamsOf(camera, []).map(({ path }) => path),
        ttlMs: (camera?.idleTtlSeconds ?? 0) * 1000,
        alwaysOn: camera?.pull === 'always-on',
        onDemand:
          camera === undefined
            ? []
            : streamsOf(camera, []).flatMap(({ alwaysOn, path }) => (alwaysOn ? [] : [path])),
        nowMs: clock.wallNow(),
      });
      news.ended(ended);
      if (camera?.pull === 'always-on') this.tend();
    } catch (err) {
      log.error({ err, cameraId }, 'a changed camera could not be taken over; trying again');
      clock.after(RETRY_MS, () => {
        if (!this.#closed) void this.#configure(cameraId);
      });
    }
  }

  async #sweep(): Promise<void> {
    const { clock, desired, log, parents, state } = this.#options;
    let nextMs = Number.POSITIVE_INFINITY;
    try {
      if (clock.now() - this.#renewedAt >= RENEW_MS) {
        this.#renewedAt = clock.now();
        await parents.renew(clock.wallNow());
      }
      nextMs = await state.sweep(clock.wallNow());
      if (clock.now() - this.#prunedAt >= PRUNE_MS) {
        this.#prunedAt = clock.now();
        await desired.prune();
      }
    } catch (err) {
      log.error({ err }, 'streams could not be swept; trying again');
    }
    if (this.#closed) return;
    const wait = Math.min(SWEEP_MS, Math.max(1, nextMs - clock.wallNow()));
    this.#cancelSweep = clock.after(wait, () => void this.#sweep());
  }
}

function streamsOf(camera: StreamableCamera, budgets: readonly Counter[]): StreamToRun[] {
  return camera.profiles.flatMap(({ name }) => streamToRun(camera, name, budgets) ?? []);
}
