// Enters: the nodes that may carry a stream, its key, how many streams each node has. Leaves: nodes, best first.
// Not its job: remembering where a stream is (it stays while assigned), or the limits on viewers (admission).
import type { NodeId } from '@vedette/contracts';

export interface PlacementNode {
  readonly id: NodeId;
  /** Its share of the streams relative to others; above 0. */
  readonly weight: number;
}

/** No node gets more than this times its fair share while another has room. */
const BOUND = 1.25;

/**
 * Weighted rendezvous hashing with bounded load: when a node comes or goes only its own share moves, and no
 * node is filled beyond its bound. Answers every node: those with room first, each group by score.
 */
export function placeStream(
  nodes: readonly PlacementNode[],
  key: string,
  loads: ReadonlyMap<NodeId, number>,
): NodeId[] {
  const weights = nodes.reduce((sum, node) => sum + node.weight, 0);
  const streams = nodes.reduce((sum, node) => sum + (loads.get(node.id) ?? 0), 0);
  return nodes
    .map(({ id, weight }) => ({
      id,
      full: (loads.get(id) ?? 0) >= Math.ceil((BOUND * (streams + 1) * weight) / weights),
      score: -weight / Math.log(unitHash(`${id}\n${key}`)),
    }))
    .sort((a, b) => Number(a.full) - Number(b.full) || b.score - a.score || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Evenly between 0 and 1, both excluded: two FNV-1a hashes of the UTF-16 units, finalized as in MurmurHash3. */
function unitHash(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193);
  }
  const high = finalize(a);
  const low = finalize(b) >>> 11;
  return (high * 2 ** 21 + low + 0.5) / 2 ** 53;
}

function finalize(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
