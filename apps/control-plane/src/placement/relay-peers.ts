// Enters: which node takes streams from which. Leaves: whom a node has to know for that, and who of two opens the
// connection. Pure. Not its job: deciding who takes from whom (replicas.ts).
import type { NodeId, RelayIdentity, RelayPeer } from '@vedette/contracts';

export interface Taking {
  readonly taker: NodeId;
  readonly giver: NodeId;
}

/** A node as it said hello. */
export interface RelayNode {
  readonly id: NodeId;
  readonly isEdge: boolean;
  /** Absent from nodes that can do nothing of the kind. */
  readonly relay: RelayIdentity | undefined;
}

type Opens = 'taker' | 'giver' | 'nobody';

/**
 * The taker opens the connection, unless the giver is an edge or cannot be reached: then the giver does. `nobody` where
 * neither can: that pair must not be chosen.
 */
export function whoOpens(taker: RelayNode | undefined, giver: RelayNode | undefined): Opens {
  if (taker?.relay === undefined || giver?.relay === undefined) return 'nobody';
  const [canOffer, canDial] = [taker.relay.address !== undefined, giver.relay.address !== undefined];
  if (giver.isEdge && canOffer) return 'giver';
  return canDial ? 'taker' : canOffer ? 'giver' : 'nobody';
}

/** All that `nodeId` is to be told, by name; an address only where it has to dial. */
export function relayPeersOf(
  nodeId: NodeId,
  takings: readonly Taking[],
  nodes: ReadonlyMap<NodeId, RelayNode>,
): readonly RelayPeer[] {
  const peers = new Map<NodeId, RelayPeer>();
  for (const { giver, taker } of takings) {
    if (giver === taker || (nodeId !== giver && nodeId !== taker)) continue;
    const opens = whoOpens(nodes.get(taker), nodes.get(giver));
    const other = nodes.get(nodeId === giver ? taker : giver);
    if (opens === 'nobody' || other?.relay === undefined) continue;
    const isDialling = opens === (nodeId === giver ? 'giver' : 'taker');
    const before = peers.get(other.id);
    const address = isDialling ? other.relay.address : before?.address;
    peers.set(other.id, {
      nodeId: other.id,
      sha256: other.relay.sha256,
      ...(address === undefined ? {} : { address }),
      offer: before?.offer === true || (isDialling && nodeId === giver),
    });
  }
  return [...peers.values()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}
