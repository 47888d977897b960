import type { NodeId, RevokedView, SessionId, UserId } from '@vedette/contracts';

/** Entries above this are forgotten, oldest first. */
const MAX_ENTRIES = 100_000;
const MAX_WISHES = 10_000;

interface Entry {
  readonly untilMs: number;
  readonly nodeId: NodeId;
  /** Rises with each entry, so that a node can be told only what is new. */
  readonly order: number;
}

/** To end a view that is not known here, or not yet: right after a restart its node may still tell of it. */
interface Wish {
  readonly untilMs: number;
  /** When set, for a view of this user alone. */
  readonly onlyUser: UserId | undefined;
}

/** Views that may not go on or come back, and the node that must know. */
export class RevocationBook {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #wishes = new Map<SessionId, Wish>();
  /** What each node is to be told, in `order`; entries that were replaced since stay until swept. */
  readonly #byNode = new Map<NodeId, { readonly order: number; readonly sessionId: SessionId }[]>();
  #order = 0;

  add(sessionId: SessionId, nodeId: NodeId, untilMs: number): void {
    const order = ++this.#order;
    this.#entries.delete(sessionId);
    this.#entries.set(sessionId, { untilMs, nodeId, order });
    const log = this.#byNode.get(nodeId);
    if (log === undefined) this.#byNode.set(nodeId, [{ order, sessionId }]);
    else log.push({ order, sessionId });
    dropOldestAbove(MAX_ENTRIES, this.#entries);
  }

  wish(sessionId: SessionId, wish: Wish): void {
    if (this.#entries.has(sessionId)) return;
    this.#wishes.set(sessionId, wish);
    dropOldestAbove(MAX_WISHES, this.#wishes);
  }

  /** Whether this view, seen on this node, is revoked; from then on the node is told. */
  claims(view: { sessionId: SessionId; userId: UserId }, nodeId: NodeId, nowMs: number): boolean {
    const { sessionId, userId } = view;
    const entry = this.#entries.get(sessionId);
    if (entry !== undefined && entry.untilMs > nowMs) {
      if (entry.nodeId !== nodeId) this.add(sessionId, nodeId, entry.untilMs);
      return true;
    }
    const wish = this.#wishes.get(sessionId);
    if (wish === undefined || wish.untilMs <= nowMs) return false;
    if (wish.onlyUser !== undefined && wish.onlyUser !== userId) return false;
    this.#wishes.delete(sessionId);
    this.add(sessionId, nodeId, wish.untilMs);
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
    for (const book of [this.#entries, this.#wishes]) {
      for (const [sessionId, { untilMs }] of book) if (untilMs <= nowMs) book.delete(sessionId);
    }
    for (const [nodeId, log] of this.#byNode) {
      const live = log.filter(({ order, sessionId }) => this.#entries.get(sessionId)?.order === order);
      if (live.length === 0) this.#byNode.delete(nodeId);
      else this.#byNode.set(nodeId, live);
    }
  }
}

function dropOldestAbove(max: number, map: Map<SessionId, unknown>): void {
  if (map.size <= max) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
