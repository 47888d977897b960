// Enters: what each node reports of its streams and views. Leaves: one state for each camera, and news of changes.
// Not its job: whether a camera is configured (the registry knows).
import type { CameraId, NodeId, NodeReport, StreamHealth, StreamState } from '@vedette/contracts';
import type { EventBus } from '../events/event-bus.ts';
import type { CameraStatus, CameraStatusPort } from '../registry/camera-status.ts';

interface Status extends CameraStatus {
  readonly detail: string | null;
  readonly audio: string | null;
  readonly nowPlaying: string | null;
}

interface OnNode {
  readonly streams: StreamState[];
  viewers: number;
}

const IDLE: Status = {
  state: 'idle',
  reason: 'waiting_for_viewer',
  detail: null,
  viewers: 0,
  audio: null,
  nowPlaying: null,
};
/** The best stream of a camera speaks for it. */
const RANK: Readonly<Record<StreamHealth, number>> = {
  live: 4,
  reconnecting: 3,
  connecting: 2,
  offline: 1,
  idle: 0,
};

export class CameraStatusBoard implements CameraStatusPort {
  readonly #bus: EventBus;
  readonly #nodes = new Map<NodeId, ReadonlyMap<CameraId, OnNode>>();
  readonly #told = new Map<CameraId, Status>();

  constructor(options: { readonly bus: EventBus }) {
    this.#bus = options.bus;
  }

  /** `idle` for a camera that nobody watches, or that does not exist. `viewers` are connected ones. */
  status(cameraId: CameraId): Status {
    return this.#told.get(cameraId) ?? IDLE;
  }

  /** Cameras that run on a node, by its last report. */
  on(nodeId: NodeId): Iterable<CameraId> {
    return this.#nodes.get(nodeId)?.keys() ?? [];
  }

  reported(nodeId: NodeId, report: NodeReport): void {
    const cameras = new Map<CameraId, OnNode>();
    const onNode = (cameraId: CameraId) => {
      let entry = cameras.get(cameraId);
      if (entry === undefined) {
        entry = { streams: [], viewers: 0 };
        cameras.set(cameraId, entry);
      }
      return entry;
    };
    for (const stream of report.streams) onNode(stream.cameraId).streams.push(stream);
    for (const session of report.sessions) onNode(session.cameraId).viewers++;
    this.#replace(nodeId, cameras);
  }

  lost(nodeId: NodeId): void {
    if (this.#nodes.has(nodeId)) this.#replace(nodeId, undefined);
  }

  #replace(nodeId: NodeId, cameras: ReadonlyMap<CameraId, OnNode> | undefined): void {
    const before = this.#nodes.get(nodeId);
    if (cameras === undefined) this.#nodes.delete(nodeId);
    else this.#nodes.set(nodeId, cameras);
    for (const cameraId of cameras?.keys() ?? []) this.#tell(cameraId);
    for (const cameraId of before?.keys() ?? []) if (!cameras?.has(cameraId)) this.#tell(cameraId);
  }

  #tell(cameraId: CameraId): void {
    const now = this.#judge(cameraId);
    const before = this.status(cameraId);
    if (now === IDLE) this.#told.delete(cameraId);
    else this.#told.set(cameraId, now);
    if (
      now.state !== before.state ||
      now.reason !== before.reason ||
      now.detail !== before.detail ||
      now.viewers !== before.viewers ||
      now.audio !== before.audio ||
      now.nowPlaying !== before.nowPlaying
    ) {
      this.#bus.publish({ type: 'camera.state', cameraId, ...now });
    }
  }

  #judge(cameraId: CameraId): Status {
    let best: StreamState | undefined;
    let viewers = 0;
    for (const cameras of this.#nodes.values()) {
      const here = cameras.get(cameraId);
      if (here === undefined) continue;
      viewers += here.viewers;
      for (const stream of here.streams) {
        if (best === undefined || RANK[stream.health] > RANK[best.health]) best = stream;
      }
    }
    if (best === undefined) return viewers === 0 ? IDLE : { ...IDLE, viewers };
    const { audio, detail, health, nowPlaying, reason } = best;
    return { state: health, reason, detail, viewers, audio, nowPlaying };
  }
}
