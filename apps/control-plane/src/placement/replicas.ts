// Enters: where a stream is pulled from its camera, where copies of it are, how many watch. Leaves: the copies that
// there should be, and where each of them takes the stream from. Pure: the same for every control process.
// Not its job: placing the pull itself (placement.ts), limits on viewers (admission), moving views.
import type { NodeId, Protocol } from '@vedette/contracts';
import { fittingNodes } from './fitting-nodes.ts';
import { placeStream } from './place-stream.ts';
import type { OpenNode } from './placement.ts';

export interface ReplicaLimits {
  /** What one node should send of one camera. */
  readonly viewersPerCopy: number;
  /** Copies at most, the pull itself among them when viewers watch there. */
  readonly maxCopies: number;
  /** So long must fewer copies have been enough before one is given up. */
  readonly shrinkAfterMs: number;
}

export const REPLICA_LIMITS: ReplicaLimits = { viewersPerCopy: 400, maxCopies: 16, shrinkAfterMs: 60_000 };

/** A node that takes the stream from another one. */
export interface Replica {
  readonly nodeId: NodeId;
  /** The node that it takes it from. */
  readonly from: NodeId;
  /** `retiring` takes no new viewers and goes with its last. */
  readonly state: 'open' | 'retiring';
}

export interface ReplicaScene {
  /** Ranks nodes for this stream, and for no other, the same way. */
  readonly key: string;
  /** The node that pulls the camera. */
  readonly origin: NodeId;
  /** An edge sends one copy over its line, to the core; viewers elsewhere than at its site never watch there. */
  readonly originIsEdge: boolean;
  readonly replicas: readonly Replica[];
  /** On each node that has the stream. */
  readonly viewers: ReadonlyMap<NodeId, number>;
  /** Viewers whom the origin, unless it is an edge, and the replicas have to bear: who asks now included. */
  readonly demand: number;
  /** Nodes that take new streams. */
  readonly nodes: readonly OpenNode[];
  /** Nodes that still run what they have, draining ones too. */
  readonly alive: ReadonlySet<NodeId>;
  /** Streams on each node. */
  readonly loads: ReadonlyMap<NodeId, number>;
  readonly protocol?: Protocol | undefined;
  /** As the last plan answered. */
  readonly surplusSinceMs: number | undefined;
  readonly nowMs: number;
}

export interface ReplicaPlan {
  readonly replicas: readonly Replica[];
  /** Since when fewer copies would be enough; kept for the next plan. */
  readonly surplusSinceMs: number | undefined;
}

/** A copy is added before those there are quite full, */
const GROW_AT = 0.9;
/** and given up only when the rest would be far from it: between the two nothing changes. */
const SHRINK_AT = 0.6;

export function planReplicas(scene: ReplicaScene, limits: ReplicaLimits = REPLICA_LIMITS): ReplicaPlan {
  const { alive, key, loads, nodes, origin, originIsEdge, protocol, viewers } = scene;
  const core = nodes.filter(({ id, labels }) => id !== origin && labels['role'] !== 'edge');
  const ranking = placeStream(fittingNodes(core, { siteId: null, protocol }), key, loads);
  const rank = new Map(ranking.map((id, i) => [id, i]));
  const byPlace = (a: NodeId, b: NodeId) =>
    (rank.get(a) ?? ranking.length) - (rank.get(b) ?? ranking.length) || (a < b ? -1 : 1);
  // Whatever else changes, who serves goes on serving: first those in use, then those on their way out.
  const present = scene.replicas
    .filter(({ nodeId }) => nodeId !== origin && alive.has(nodeId))
    .sort(
      (a, b) =>
        Number(a.state === 'retiring') - Number(b.state === 'retiring') || byPlace(a.nodeId, b.nodeId),
    );
  const standing = present.filter(({ nodeId }) => rank.has(nodeId));
  const own = originIsEdge ? 0 : 1;
  const openNow = standing.filter(({ state }) => state === 'open').length + own;
  const { copies, surplusSinceMs } = countCopies(scene, openNow, limits);
  const chosen = [
    ...standing.map(({ nodeId }) => nodeId),
    ...ranking.filter((id) => !present.some(({ nodeId }) => nodeId === id)),
  ]
    .slice(0, Math.max(0, copies - own))
    .sort(byPlace);
  const leaving = present
    .map(({ nodeId }) => nodeId)
    .filter((nodeId) => !chosen.includes(nodeId) && (viewers.get(nodeId) ?? 0) > 0)
    .sort(byPlace);
  const trunk = trunkOf(scene, chosen, leaving);
  const replica = (nodeId: NodeId, state: Replica['state']): Replica => ({
    nodeId,
    from: trunk === undefined || nodeId === trunk ? origin : trunk,
    state,
  });
  return {
    replicas: [
      ...chosen.map((nodeId) => replica(nodeId, 'open')),
      ...leaving.map((nodeId) => replica(nodeId, 'retiring')),
    ],
    surplusSinceMs,
  };
}

/** How many nodes should serve it, the origin among them unless it is an edge. */
function countCopies(
  { demand, nowMs, originIsEdge, surplusSinceMs }: ReplicaScene,
  openNow: number,
  { maxCopies, shrinkAfterMs, viewersPerCopy }: ReplicaLimits,
): { readonly copies: number; readonly surplusSinceMs: number | undefined } {
  const least = originIsEdge && demand === 0 ? 0 : 1;
  const bounded = (copies: number) => Math.min(maxCopies, Math.max(least, copies));
  const needed = bounded(Math.ceil(demand / (viewersPerCopy * GROW_AT)));
  if (needed > openNow) return { copies: needed, surplusSinceMs: undefined };
  const enough = bounded(Math.ceil(demand / (viewersPerCopy * SHRINK_AT)));
  if (enough >= openNow) return { copies: bounded(openNow), surplusSinceMs: undefined };
  const since = surplusSinceMs ?? nowMs;
  return nowMs - since >= shrinkAfterMs
    ? { copies: enough, surplusSinceMs: undefined }
    : { copies: bounded(openNow), surplusSinceMs: since };
}

/** The one node of the core that takes from an edge; all others take from it, so that the line carries one copy. */
function trunkOf(
  { origin, originIsEdge, replicas }: ReplicaScene,
  chosen: readonly NodeId[],
  leaving: readonly NodeId[],
): NodeId | undefined {
  if (!originIsEdge) return undefined;
  const before = replicas.find(({ from }) => from === origin)?.nodeId;
  return chosen.find((id) => id === before) ?? chosen[0] ?? leaving.find((id) => id === before) ?? leaving[0];
}

/** A copy that a viewer might be sent to. */
export interface CopyChoice {
  readonly nodeId: NodeId;
  readonly viewers: number;
  /** Its pictures flow already. */
  readonly isLive: boolean;
  readonly state: Replica['state'];
}

/**
 * Copies for a new viewer, best first: those with pictures and room, the emptiest first, then those that are only
 * starting, then the full ones, for whoever judges room by more than this. None that is on its way out.
 */
export function rankCopies(copies: readonly CopyChoice[], limits: ReplicaLimits = REPLICA_LIMITS): NodeId[] {
  const isFull = ({ viewers }: CopyChoice) => viewers >= limits.viewersPerCopy;
  return copies
    .filter(({ state }) => state === 'open')
    .sort(
      (a, b) =>
        Number(isFull(a)) - Number(isFull(b)) ||
        Number(b.isLive) - Number(a.isLive) ||
        a.viewers - b.viewers ||
        (a.nodeId < b.nodeId ? -1 : 1),
    )
    .map(({ nodeId }) => nodeId);
}
