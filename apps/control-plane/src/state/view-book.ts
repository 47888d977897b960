import type { CameraId, NodeId, Protocol, ReasonCode, SessionId, StreamPath } from '@vedette/contracts';
import type { EndedView, ViewQuery, ViewRecord } from './shared-state.ts';

const MAX_ENDED = 2000;

/** Live views with the counts that limits are checked against, and the most recently ended. */
export class ViewBook {
  readonly #views = new Map<SessionId, ViewRecord>();
  readonly #byPath = new Map<StreamPath, Set<SessionId>>();
  readonly #byNode = new Map<NodeId, Set<SessionId>>();
  readonly #counts = new Map<string, number>();
  readonly #keys = new Map<string, SessionId>();
  readonly #keyOf = new Map<SessionId, string>();
  readonly #ended = new Map<SessionId, EndedView>();
  #order = 0;

  get(sessionId: SessionId): ViewRecord | undefined {
    return this.#views.get(sessionId);
  }

  byIdempotencyKey(key: string): ViewRecord | undefined {
    const sessionId = this.#keys.get(key);
    return sessionId === undefined ? undefined : this.#views.get(sessionId);
  }

  onPath(path: StreamPath): ViewRecord[] {
    return this.#records(this.#byPath.get(path));
  }

  onNode(nodeId: NodeId): ViewRecord[] {
    return this.#records(this.#byNode.get(nodeId));
  }

  countOnPath(path: StreamPath): number {
    return this.#byPath.get(path)?.size ?? 0;
  }

  countOnCamera(cameraId: CameraId, protocol: Protocol): number {
    return this.#counts.get(`camera ${cameraId} ${protocol}`) ?? 0;
  }

  countOnNode(nodeId: NodeId, protocol: Protocol): number {
    return this.#counts.get(`node ${nodeId} ${protocol}`) ?? 0;
  }

  countUnder(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Views that count under a key, the least important first, of those the youngest. */
  leastImportant(isOne: (view: ViewRecord) => boolean): ViewRecord[] {
    return [...this.#views.values()].filter(isOne).sort((a, b) => b.tier - a.tier || b.order - a.order);
  }

  open(view: Omit<ViewRecord, 'order'>, idempotencyKey?: string): ViewRecord {
    const record = { ...view, order: ++this.#order };
    this.#views.set(record.sessionId, record);
    addTo(this.#byPath, record.path, record.sessionId);
    addTo(this.#byNode, record.nodeId, record.sessionId);
    this.#count(record, 1);
    this.#ended.delete(record.sessionId);
    if (idempotencyKey !== undefined) {
      this.#keys.set(idempotencyKey, record.sessionId);
      this.#keyOf.set(record.sessionId, idempotencyKey);
    }
    return record;
  }

  /** The node sees it over this protocol; undefined when that is nothing new. */
  connect(view: ViewRecord, protocol: Protocol): ViewRecord | undefined {
    if (view.state === 'connected' && view.protocol === protocol) return undefined;
    this.#count(view, -1);
    const record: ViewRecord = { ...view, state: 'connected', protocol };
    this.#views.set(record.sessionId, record);
    this.#count(record, 1);
    return record;
  }

  close(view: ViewRecord, reason: ReasonCode, endedAtMs: number): EndedView {
    this.#views.delete(view.sessionId);
    removeFrom(this.#byPath, view.path, view.sessionId);
    removeFrom(this.#byNode, view.nodeId, view.sessionId);
    this.#count(view, -1);
    const key = this.#keyOf.get(view.sessionId);
    if (key !== undefined) {
      this.#keyOf.delete(view.sessionId);
      if (this.#keys.get(key) === view.sessionId) this.#keys.delete(key);
    }
    const ended = { view, reason, endedAtMs };
    this.#ended.delete(view.sessionId);
    this.#ended.set(view.sessionId, ended);
    if (this.#ended.size > MAX_ENDED) {
      const oldest = this.#ended.keys().next();
      if (!oldest.done) this.#ended.delete(oldest.value);
    }
    return ended;
  }

  ended(sessionId: SessionId): EndedView | undefined {
    return this.#ended.get(sessionId);
  }

  list(query: ViewQuery): ViewRecord[] {
    const found: ViewRecord[] = [];
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    // A changed record keeps its place in the map, so that this runs in `order`.
    for (const view of this.#views.values()) {
      if (found.length >= limit) break;
      if (view.order <= (query.after ?? 0)) continue;
      if (query.userId !== undefined && view.userId !== query.userId) continue;
      if (query.cameraId !== undefined && view.cameraId !== query.cameraId) continue;
      if (query.nodeId !== undefined && view.nodeId !== query.nodeId) continue;
      found.push(view);
    }
    return found;
  }

  #records(ids: ReadonlySet<SessionId> | undefined): ViewRecord[] {
    const records: ViewRecord[] = [];
    for (const id of ids ?? []) {
      const view = this.#views.get(id);
      if (view !== undefined) records.push(view);
    }
    return records;
  }

  #count(view: ViewRecord, by: 1 | -1): void {
    for (const key of [
      `camera ${view.cameraId} ${view.protocol}`,
      `node ${view.nodeId} ${view.protocol}`,
      ...view.counters,
    ]) {
      const count = (this.#counts.get(key) ?? 0) + by;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}

function addTo<K>(map: Map<K, Set<SessionId>>, key: K, id: SessionId): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([id]));
  else set.add(id);
}

function removeFrom<K>(map: Map<K, Set<SessionId>>, key: K, id: SessionId): void {
  const set = map.get(key);
  if (set === undefined) return;
  set.delete(id);
  if (set.size === 0) map.delete(key);
}
