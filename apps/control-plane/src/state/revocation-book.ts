import type { NodeId, RevokedView, SessionId, UserId } from '@vedette/contracts';

/** Entries above this are forgotten, oldest first. */
const MAX_ENTRIES = 100_000;

interface Entry {
  readonly untilMs: number;
  /** Undefined while no node is known to hold the view. */
  readonly nodeId: NodeId | undefined;
  /** Set when it was asked for a view that was not known: it then holds for a view of this user alone. */
  readonly onlyUser: UserId | undefined;
  /** Rises with each change, so that a node can be told only what is new. */
  readonly order: number;
}

/** Views that may not go on or come back, and the node that must know. */
export class RevocationBook {
  readonly #entries = new Map<SessionId, Entry>();
  /** What each node is to be told, in `order`; entries that were replaced since stay until swept. */
  readonly #byNode = new Map<NodeId, { readonly order: number; readonly sessionId: SessionId }[]>();
  #order = 0;

  add(
    sessionId: SessionId,
    entry: { readonly untilMs: number; readonly nodeId?: NodeId; readonly onlyUser?: UserId | undefined },
  ): void {
    const order = ++this.#order;
    const { untilMs, nodeId, onlyUser } = entry;
    this.#entries.delete(sessionId);
    this.#entries.set(sessionId, { untilMs, nodeId, onlyUser, order });
    if (nodeId !== undefined) {
      const log = this.#byNode.get(nodeId);
      if (log === undefined) this.#byNode.set(nodeId, [{ order, sessionId }]);
      else log.push({ order, sessionId });
    }
    if (this.#entries.size > MAX_ENTRIES) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
  }

  /** Whether this view, seen on this node, is revoked; from then on the node is told. */
  claims(view: { sessionId: SessionId; userId: UserId }, nodeId: NodeId, nowMs: number): boolean {
    const entry = this.#entries.get(view.sessionId);
    if (entry === undefined || entry.untilMs <= nowMs) return false;
    if (entry.onlyUser !== undefined && entry.onlyUser !== view.userId) return false;
    if (entry.nodeId !== nodeId) this.add(view.sessionId, { untilMs: entry.untilMs, nodeId });
    return true;
  }

  forNode(nodeId: NodeId, nowMs: number, since: number): { revoked: RevokedView[]; upTo: number } {
    const revoked: RevokedView[] = [];
    const log = this.#byNode.get(nodeId) ?? [];
    for (let i = log.length - 1; i >= 0; i--) {
      const noted = log[i];
      if (noted === undefined || noted.order <= since) break;
      const entry = this.#entries.get(noted.sessionId);
      if (entry?.order === noted.order && entry.untilMs > nowMs) {
        revoked.push({ sessionId: noted.sessionId, untilMs: entry.untilMs });
      }
    }
    return { revoked: revoked.reverse(), upTo: this.#order };
  }

  sweep(nowMs: number): void {
    for (const [sessionId, entry] of this.#entries) {
      if (entry.untilMs <= nowMs) this.#entries.delete(sessionId);
    }
    for (const [nodeId, log] of this.#byNode) {
      const live = log.filter(({ order, sessionId }) => this.#entries.get(sessionId)?.order === order);
      if (live.length === 0) this.#byNode.delete(nodeId);
      else this.#byNode.set(nodeId, live);
    }
  }
}
