import type { CameraId, NodeId, StreamPath } from '@vedette/contracts';
import type { StreamRecord } from './shared-state.ts';

type Assigned = Omit<StreamRecord, 'views'>;

/** Which stream is assigned to which node, and the fencing numbers. */
export class StreamBook {
  readonly #streams = new Map<StreamPath, Assigned>();
  readonly #counts = new Map<NodeId, number>();
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

  /** Adds or replaces; nodes whose desired state changes by it are told. */
  put(stream: Assigned): Assigned {
    const before = this.#streams.get(stream.path);
    this.#streams.set(stream.path, stream);
    if (before?.nodeId !== stream.nodeId) {
      if (before !== undefined) this.#count(before.nodeId, -1);
      this.#count(stream.nodeId, 1);
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

  drop(path: StreamPath): void {
    const stream = this.#streams.get(path);
    if (stream === undefined) return;
    this.#streams.delete(path);
    this.#count(stream.nodeId, -1);
    this.#onChange(stream.nodeId);
  }

  #count(nodeId: NodeId, by: 1 | -1): void {
    const count = (this.#counts.get(nodeId) ?? 0) + by;
    if (count === 0) this.#counts.delete(nodeId);
    else this.#counts.set(nodeId, count);
  }
}
