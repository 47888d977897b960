// Enters: what nodes measure of themselves. Leaves: how many of them the load of now needs.
// Not its job: making nodes (the orchestrator does, by the metric that this feeds).
import type { NodeLoad } from '@vedette/contracts';

export interface MeasuredNode {
  readonly load: Pick<NodeLoad, 'cpu' | 'eventLoopDelayP99Ms' | 'webrtcViewers' | 'egressBitsPerSecond'>;
  readonly maxWebrtcViewers: number;
}

/** Cores that a node may use on the average; it has about one, and a key frame of every camera may come at once. */
const CPU_TARGET = 0.6;
/** Share of its WebRTC places. */
const PLACES_TARGET = 0.8;
/** Above this a node is late with what it sends, whatever its processor says. */
const LATE_MS = 50;
/** One may die at any moment, and the others take over what it had. */
const SPARE = 1;

/**
 * Nodes that the load of now needs, with one to spare: by processor time, by WebRTC places, whichever asks for more,
 * and one more while any node is late. Nodes differ in size; the answer is in nodes of their average size.
 */
export function nodesWanted(nodes: readonly MeasuredNode[]): number {
  if (nodes.length === 0) return SPARE;
  const sum = (of: (node: MeasuredNode) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const byCpu = sum(({ load }) => load.cpu) / CPU_TARGET;
  const places = sum(({ maxWebrtcViewers }) => maxWebrtcViewers) / nodes.length;
  const byPlaces = sum(({ load }) => load.webrtcViewers) / Math.max(1, places * PLACES_TARGET);
  const late = nodes.some(({ load }) => load.eventLoopDelayP99Ms > LATE_MS) ? 1 : 0;
  return Math.max(1, Math.ceil(Math.max(byCpu, byPlaces)) + late) + SPARE;
}
