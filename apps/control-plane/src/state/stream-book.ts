import type { CameraId, NodeId, StreamPath } from '@vedette/contracts';
import type { StreamRecord } from './shared-state.ts';

type Assigned = Omit<StreamRecord, 'views'>;

interface Lingering {
  readonly nodeId: NodeId;
  readonly budgets: readonly string[];
  readonly untilMs: number;
}

/** A node that says nothing for so long has lost its lease twice, and with it its streams. */
const LINGER_MS = 6000;

/** Which stream is assigned to which node, and the fencing numbers. */
export class StreamBook {
  readonly #streams = new Map<StreamPath, Assigned>();
  readonly #counts = new Map<NodeId, number>();
  readonly #pulls = new Map<string, number>();
  /** Dropped here, and not yet known to be over on their nodes. */
  readonly #lingering = new Map<StreamPath, Lingering>();
  readonly #onChange: (nodeId: NodeId) => void;
  #fence = 0;

  constructor(options: { readonly onChange: (nodeId: NodeId) => void }) {
    this.#onChange = options.onChange;
  }

  get(path: StreamPath): Assigned | undefined {
    return this.#streams.get(path);
  }

  /** All, or those of one camera. */
  list(cameraId?: CameraId): Assigned[] {
    const all = [...this.#streams.values()];
    return cameraId === undefined ? all : all.filter((stream) => stream.cameraId === cameraId);
  }

  counts(): ReadonlyMap<NodeId, number> {
    return new Map(this.#counts);
  }

  /**
   * Numbers start at the clock: a control that lost its memory still goes on above all that nodes ever saw.
   */
  nextFence(nowMs: number): number {
    this.#fence = Math.max(this.#fence + 1, nowMs);
    return this.#fence;
  }

  /** Later numbers will be higher than this one. */
  sawFence(fence: number): void {
    this.#fence = Math.max(this.#fence, fence);
  }

  /** Pulls under a budget: those that should run, and those that may still. */
  pulls(budget: string, nowMs: number): number {
    let count = this.#pulls.get(budget) ?? 0;
    for (const [path, { budgets, nodeId, untilMs }] of this.#lingering) {
      if (untilMs <= nowMs) this.#lingering.delete(path);
      else if (budgets.includes(budget) && this.#streams.get(path)?.nodeId !== nodeId) count++;
    }
    return count;
  }

  isLingering(budget: string): boolean {
    return [...this.#lingering.values()].some(({ budgets }) => budgets.includes(budget));
  }

  /** What a node runs no more is over, as far as that node is concerned. */
  sawRunning(nodeId: NodeId, running: ReadonlySet<StreamPath>): void {
    for (const [path, lingering] of this.#lingering)
      if (lingering.nodeId === nodeId && !running.has(path)) this.#lingering.delete(path);
  }

  /** Adds or replaces; nodes whose desired state changes by it are told. */
  put(stream: Assigned): Assigned {
    const before = this.#streams.get(stream.path);
    this.#streams.set(stream.path, stream);
    for (const budget of before?.budgets ?? []) bump(this.#pulls, budget, -1);
    for (const budget of stream.budgets) bump(this.#pulls, budget, 1);
    if (before?.nodeId !== stream.nodeId) {
      if (before !== undefined) bump(this.#counts, before.nodeId, -1);
      bump(this.#counts, stream.nodeId, 1);
    }
    if (
      before === undefined ||
      before.nodeId !== stream.nodeId ||
      before.fence !== stream.fence ||
      before.ttlMs !== stream.ttlMs ||
      before.alwaysOn !== stream.alwaysOn
    ) {
      if (before !== undefined && before.nodeId !== stream.nodeId) this.#onChange(before.nodeId);
      this.#onChange(stream.nodeId);
    }
    return stream;
  }

  /** It may run on its node until then, or until that says that it does not. */
  linger({ budgets, nodeId, path }: Assigned, untilMs: number): void {
    if (budgets.length > 0) this.#lingering.set(path, { budgets, nodeId, untilMs });
  }

  drop(path: StreamPath, nowMs: number): void {
    const stream = this.#streams.get(path);
    if (stream === undefined) return;
    this.#streams.delete(path);
    const { budgets, nodeId } = stream;
    for (const budget of budgets) bump(this.#pulls, budget, -1);
    this.linger(stream, nowMs + LINGER_MS);
    bump(this.#counts, nodeId, -1);
    this.#onChange(stream.nodeId);
  }
}

function bump<K>(counts: Map<K, number>, key: K, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
