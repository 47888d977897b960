// Enters: nodes that say they are draining. Leaves: their streams on other nodes, each pulled there before anybody is
// told to move (make before break). Not its job: keeping new streams away from them (nodes/node-directory.ts).
import type { DesiredStream, NodeId, StreamPath } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { BudgetBook } from '../admission/budget-book.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { Placement } from '../placement/placement.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { SharedState, StreamRecord, ViewRecord } from '../state/shared-state.ts';
import type { CameraCatalog } from './camera-catalog.ts';
import type { DesiredStreams } from './desired-streams.ts';

const LOOK_MS = 250;
/** Cameras that are pulled twice at the same time. */
const AT_ONCE = 8;
/** Then those that still watch where it was are cut off, and come back by themselves. */
const LEAVE_WITHIN_MS = 15_000;
/** Until the new node shows pictures; slower cameras are moved without. */
const LIVE_WITHIN_MS = 5000;
/** Between two viewers that are told to move. */
const PACE_MS = 20;

interface Leaving {
  readonly stream: DesiredStream;
  readonly untilMs: number;
}

interface NodeDrainOptions {
  readonly state: Pick<SharedState, 'moveStream' | 'streams' | 'views'>;
  readonly directory: Pick<NodeDirectory, 'get' | 'led' | 'desiredChanged'>;
  readonly placement: Pick<Placement, 'rank'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly budgets: Pick<BudgetBook, 'of'>;
  readonly desired: Pick<DesiredStreams, 'build'>;
  readonly news: Pick<ViewNews, 'ended' | 'moved'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class NodeDrain {
  readonly #options: NodeDrainOptions;
  readonly #leaving = new Map<NodeId, Map<StreamPath, Leaving>>();
  readonly #moving = new Set<StreamPath>();
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: NodeDrainOptions) {
    this.#options = options;
  }

  start(): void {
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** What a node still has to run for those who have not left it yet. */
  leaving(nodeId: NodeId): readonly DesiredStream[] {
    return [...(this.#leaving.get(nodeId)?.values() ?? [])].map(({ stream }) => stream);
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.#look()
        .catch((err: unknown) =>
          this.#options.log.error({ err }, 'a node could not be drained further; trying again'),
        )
        .finally(() => this.#later());
    });
  }

  async #look(): Promise<void> {
    const { clock, directory, state } = this.#options;
    for (const { nodeId } of directory.led()) {
      await this.#release(nodeId, clock.wallNow());
      if (directory.get(nodeId)?.report?.draining !== true) continue;
      for (const stream of await state.streams({ nodeId })) {
        if (this.#moving.size >= AT_ONCE) break;
        // What nobody watches ends by its time to live.
        if (this.#moving.has(stream.path) || (stream.views === 0 && !stream.alwaysOn)) continue;
        this.#moving.add(stream.path);
        void this.#move(stream).finally(() => this.#moving.delete(stream.path));
      }
    }
  }

  async #move(stream: StreamRecord): Promise<void> {
    const { budgets, catalog, clock, desired, log, news, placement, state } = this.#options;
    const { cameraId, fence, nodeId: from, path, ttlMs } = stream;
    try {
      const camera = await catalog.find(cameraId);
      if (camera === undefined) return;
      const to = (await placement.rank(camera)).find((id) => id !== from);
      const [leaving] = await desired.build([stream]);
      if (to === undefined || leaving === undefined) return;
      const nowMs = clock.wallNow();
      const untilMs = nowMs + LEAVE_WITHIN_MS;
      this.#keep(from, { stream: leaving, untilMs });
      const moved = await state.moveStream({
        path,
        fence,
        to,
        reason: 'node_draining',
        nowMs,
        holdMs: Math.max(ttlMs, LEAVE_WITHIN_MS),
        make: { budgets: await budgets.of(camera, true), untilMs },
      });
      if (moved === undefined || moved.kept.length === 0) this.#drop(from, path);
      if (moved === undefined) return;
      log.info(
        { cameraId, path, from, nodeId: to, views: moved.kept.length },
        'stream moved off a draining node',
      );
      news.ended(moved.ended);
      await this.#live(moved.stream);
      await this.#tell(moved.kept);
    } catch (err) {
      this.#drop(from, path);
      log.error({ err, path }, 'a stream could not be moved off its draining node; trying again');
    }
  }

  /** Resolves once the new node has pictures, or should have had them. */
  async #live({ fence, nodeId, path }: StreamRecord): Promise<void> {
    const { clock, directory } = this.#options;
    const until = clock.now() + LIVE_WITHIN_MS;
    while (clock.now() < until && !this.#closed) {
      const streams = directory.get(nodeId)?.report?.streams ?? [];
      if (streams.some((each) => each.path === path && each.fence >= fence && each.health === 'live')) return;
      await clock.sleep(20);
    }
  }

  async #tell(views: readonly ViewRecord[]): Promise<void> {
    for (const view of views) {
      this.#options.news.moved(view, 'node_draining');
      await this.#options.clock.sleep(PACE_MS);
    }
  }

  #keep(nodeId: NodeId, leaving: Leaving): void {
    const there = this.#leaving.get(nodeId) ?? new Map<StreamPath, Leaving>();
    this.#leaving.set(nodeId, there.set(leaving.stream.path, leaving));
  }

  #drop(nodeId: NodeId, path: StreamPath): void {
    const there = this.#leaving.get(nodeId);
    if (there?.delete(path) !== true) return;
    if (there.size === 0) this.#leaving.delete(nodeId);
    this.#options.directory.desiredChanged(nodeId);
  }

  /** Lets go of what the last viewer has left, or had the time to. */
  async #release(nodeId: NodeId, nowMs: number): Promise<void> {
    const there = this.#leaving.get(nodeId);
    if (there === undefined) return;
    const watched = new Set((await this.#options.state.views({ nodeId })).map(({ path }) => path));
    for (const [path, { untilMs }] of there)
      if (!this.#moving.has(path) && (untilMs <= nowMs || !watched.has(path))) this.#drop(nodeId, path);
  }
}
