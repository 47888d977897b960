// Enters: a camera. Leaves: the nodes that may pull it, best first, as things are now.
// Not its job: what runs already (it stays where it is), whether there is room for viewers (admission).
import type { NodeId, Protocol } from '@vedette/contracts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { SharedState, StreamRecord } from '../state/shared-state.ts';
import type { StreamableCamera } from '../streams/camera-catalog.ts';
import { fittingNodes } from './fitting-nodes.ts';
import { placeStream } from './place-stream.ts';

type Placed = Pick<StreamableCamera, 'id' | 'siteId'>;

/** A node that takes new streams. */
export interface OpenNode {
  readonly id: NodeId;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Ranking {
  readonly nodes: readonly OpenNode[];
  /** Streams on each node; what the caller places meanwhile it adds. */
  readonly loads: ReadonlyMap<NodeId, number>;
  readonly protocol?: Protocol | undefined;
  /** What runs of the same camera. */
  readonly own?: readonly Pick<StreamRecord, 'nodeId'>[];
}

/** Streams of one camera run together: one is made of the other, and the camera sees one visitor. */
export function rankNodes(camera: Placed, { loads, nodes, own = [], protocol }: Ranking): NodeId[] {
  const fitting = fittingNodes(nodes, { siteId: camera.siteId, protocol });
  const ranking = placeStream(fitting, camera.id, loads);
  const home = own.find(({ nodeId }) => ranking.includes(nodeId))?.nodeId;
  return home === undefined ? ranking : [home, ...ranking.filter((nodeId) => nodeId !== home)];
}

export class Placement {
  readonly #state: Pick<SharedState, 'streamCounts' | 'streams'>;
  readonly #directory: Pick<NodeDirectory, 'ready'>;

  constructor(options: {
    readonly state: Pick<SharedState, 'streamCounts' | 'streams'>;
    readonly directory: Pick<NodeDirectory, 'ready'>;
  }) {
    this.#state = options.state;
    this.#directory = options.directory;
  }

  /** Nodes that take new streams now. */
  open(): readonly OpenNode[] {
    return this.#directory.ready().map(({ hello }) => ({
      id: hello.nodeId,
      weight: Math.max(1, hello.maxWebrtcViewers),
      labels: hello.labels,
    }));
  }

  async rank(camera: Placed, protocol?: Protocol): Promise<readonly NodeId[]> {
    const [loads, own] = await Promise.all([
      this.#state.streamCounts(),
      this.#state.streams({ cameraId: camera.id }),
    ]);
    return rankNodes(camera, { nodes: this.open(), loads, protocol, own });
  }
}
