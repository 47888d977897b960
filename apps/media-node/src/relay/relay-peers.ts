import type { NodeId, RelayPeer } from '@vedette/contracts';

/** The nodes that this one may exchange streams with, as control last told; nobody before that. */
export class RelayPeers {
  readonly #listeners = new Set<() => void>();
  #peers: ReadonlyMap<NodeId, RelayPeer> = new Map();

  /** All of them each time. */
  update(peers: readonly RelayPeer[]): void {
    const next = new Map(peers.map((peer) => [peer.nodeId, peer]));
    if (JSON.stringify([...next.values()]) === JSON.stringify([...this.#peers.values()])) return;
    this.#peers = next;
    for (const listener of [...this.#listeners]) listener();
  }

  all(): readonly RelayPeer[] {
    return [...this.#peers.values()];
  }

  get(nodeId: NodeId): RelayPeer | undefined {
    return this.#peers.get(nodeId);
  }

  /** By the SHA-256 of its certificate, hex. */
  whoIs(sha256: string): RelayPeer | undefined {
    return this.all().find((peer) => peer.sha256 === sha256);
  }

  /** Calls back after a change; the returned function stops that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
