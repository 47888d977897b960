// Enters: an offer, and what runs and who watches now. Leaves: whether there is room for it, and what would make some.
// Not its job: opening and ending views (memory-shared-state.ts).
import type { NodeId, StreamPath } from '@vedette/contracts';
import type {
  Counter,
  FullOffer,
  LimitName,
  Offer,
  OpenView,
  StreamRecord,
  StreamToRun,
  ViewRecord,
} from './shared-state.ts';
import type { StreamBook } from './stream-book.ts';
import type { ViewBook } from './view-book.ts';

export interface Attempt {
  readonly offer: Offer;
  readonly nodeId: NodeId;
  readonly full: readonly FullOffer[];
}

export class Room {
  readonly #views: ViewBook;
  readonly #streams: StreamBook;

  constructor(options: { readonly views: ViewBook; readonly streams: StreamBook }) {
    this.#views = options.views;
    this.#streams = options.streams;
  }

  /** Where it runs, or what it is made of; else the first of the ranking that has room for it, else simply the first. */
  nodeFor(request: OpenView, { parent, protocol, stream }: Offer): NodeId | undefined {
    for (const path of parent === undefined ? [stream.path] : [stream.path, parent.path]) {
      const assigned = this.#streams.get(path);
      if (assigned !== undefined && request.nodes.has(assigned.nodeId)) return assigned.nodeId;
    }
    const fitting = request.ranking.find(
      (nodeId) => this.#views.countOnNode(nodeId, protocol) < (request.nodes.get(nodeId)?.[protocol] ?? 0),
    );
    return fitting ?? request.ranking[0];
  }

  /** All that stand in the way, the nearest first. */
  fullLimits(request: OpenView, offer: Offer, nodeId: NodeId): FullOffer[] {
    const { profile, cameraId } = offer.stream;
    const { protocol } = offer;
    const full = (limit: LimitName, key: string): FullOffer => ({ protocol, profile, limit, key });
    const found: FullOffer[] = [];
    if (this.#views.countOnCamera(cameraId, protocol) >= (request.cameraLimits[protocol] ?? 0))
      found.push(full('camera', cameraId));
    if (this.#views.countOnNode(nodeId, protocol) >= (request.nodes.get(nodeId)?.[protocol] ?? 0))
      found.push(full('node', nodeId));
    for (const { key, limit, max } of request.counters)
      if (this.#views.countUnder(key) >= max) found.push(full(limit, key));
    for (const needed of this.toPull(request, offer)) {
      const budget = this.fullBudget(request, needed, request.nowMs);
      if (budget !== undefined) found.push(full(budget.limit, budget.key));
    }
    return found;
  }

  /** Drops what nobody watches where that alone stands in the way. False when it would not help. */
  makeRoom(request: OpenView, { full }: Attempt): boolean {
    const idle: StreamPath[] = [];
    for (const { key, limit } of full) {
      if (limit !== 'device' && limit !== 'site') return false;
      if (this.#streams.isLingering(key)) continue;
      const [first] = this.#streams
        .list()
        .filter((stream) => stream.budgets.includes(key) && this.#isIdle(stream))
        .sort((a, b) => a.keepUntilMs - b.keepUntilMs);
      if (first === undefined) return false;
      idle.push(first.path);
    }
    for (const path of idle) this.#streams.drop(path, request.nowMs);
    return true;
  }

  #isIdle({ alwaysOn, cameraId, path }: Pick<StreamRecord, 'alwaysOn' | 'cameraId' | 'path'>): boolean {
    if (alwaysOn || this.#views.countOnPath(path) > 0) return false;
    // What others of the camera are made of is watched through them.
    return !this.#streams
      .list(cameraId)
      .some(({ budgets, path: other }) => budgets.length === 0 && this.#views.countOnPath(other) > 0);
  }

  /** Less important views whose end would make room; undefined when there are not enough of them. */
  victims(request: OpenView, { full }: Attempt): ViewRecord[] | undefined {
    const victims = new Set<ViewRecord>();
    for (const { key, limit, protocol } of full) {
      if (limit === 'device' || limit === 'site' || limit === 'user' || limit === 'token') return undefined;
      const [victim] = this.#views.leastImportant((view) => {
        if (view.tier <= request.tier) return false;
        if (limit === 'camera') return view.cameraId === key && view.protocol === protocol;
        if (limit === 'node') return view.nodeId === key && view.protocol === protocol;
        return view.counters.includes(key);
      });
      if (victim === undefined) return undefined;
      victims.add(victim);
    }
    return [...victims];
  }

  /** Of an offer, what does not run yet on a node that may carry it. */
  toPull(request: OpenView, { parent, stream }: Offer): StreamToRun[] {
    return [...(parent === undefined ? [] : [parent]), stream].filter(({ path }) => {
      const assigned = this.#streams.get(path);
      return assigned === undefined || !request.nodes.has(assigned.nodeId);
    });
  }

  /** Whether every budget has room for one more pull of what runs already. */
  bearsTwice({ budgets }: Pick<OpenView, 'budgets'>, stream: StreamToRun, nowMs: number): boolean {
    return budgets.every(
      ({ key, max }) => !stream.budgets.includes(key) || this.#streams.pulls(key, nowMs) < max,
    );
  }

  /** The first budget that has no room for one more pull. */
  fullBudget(
    { budgets }: Pick<OpenView, 'budgets'>,
    stream: StreamToRun,
    nowMs: number,
  ): Counter | undefined {
    return budgets.find(
      ({ key, max }) =>
        stream.budgets.includes(key) &&
        // What moves from a lost node counts already.
        !(this.#streams.get(stream.path)?.budgets.includes(key) ?? false) &&
        this.#streams.pulls(key, nowMs) >= max,
    );
  }
}
