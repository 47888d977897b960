import type {
  EndedSession,
  NodeId,
  NodeSession,
  Protocol,
  ReasonCode,
  SessionId,
  StreamPath,
} from '@vedette/contracts';
import { RevocationBook } from './revocation-book.ts';
import { type Attempt, Room } from './room.ts';
import type {
  CloseView,
  EndedView,
  FullOffer,
  MovedStream,
  NodeShare,
  Offer,
  OpenView,
  OpenViewResult,
  ReportFacts,
  ReportOutcome,
  SharedState,
  StreamRecord,
  ViewQuery,
  ViewRecord,
} from './shared-state.ts';
import { StreamBook } from './stream-book.ts';
import { ViewBook } from './view-book.ts';

const REVOCATION_SWEEP_MS = 60_000;
const LEAST_TIER = 9;

function firstFull({ full: [first] }: Attempt): FullOffer[] {
  return first === undefined ? [] : [first];
}

/** Protocols of the same stream from this offer on. */
function grantedFrom(offers: readonly Offer[], offer: Offer): Protocol[] {
  const from = offers.slice(offers.indexOf(offer));
  return from.filter(({ stream }) => stream.path === offer.stream.path).map(({ protocol }) => protocol);
}

/** For one control process. Every method runs to its end without giving way, which makes it atomic. */
export class MemorySharedState implements SharedState {
  readonly #listeners = new Set<(nodeId: NodeId) => void>();
  readonly #views = new ViewBook();
  readonly #streams = new StreamBook({ onChange: (nodeId) => this.#wake(nodeId) });
  readonly #room = new Room({ views: this.#views, streams: this.#streams });
  readonly #revocations = new RevocationBook();
  /** Which life of each node was last heard of, and its newest report. */
  readonly #heard = new Map<NodeId, { readonly epoch: string; readonly seq: number }>();
  #revocationsSweptMs = 0;

  async openView(request: OpenView): Promise<OpenViewResult> {
    const key = request.idempotencyKey;
    const scopedKey =
      key === undefined ? undefined : `${request.userId} ${request.offers[0]?.stream.cameraId} ${key}`;
    const repeated = scopedKey === undefined ? undefined : this.#views.byIdempotencyKey(scopedKey);
    if (repeated !== undefined && request.nodes.has(repeated.nodeId)) {
      const stream = this.#record(repeated.path);
      if (stream !== undefined) return { outcome: 'repeated', view: repeated, stream };
    }
    const attempts: Attempt[] = [];
    for (const offer of request.offers) {
      const nodeId = this.#room.nodeFor(request, offer);
      if (nodeId === undefined) return { outcome: 'unplaced' };
      const full = this.#room.fullLimits(request, offer, nodeId);
      const attempt = { offer, nodeId, full };
      if (full.length === 0) return this.#open(request, attempt, attempts.flatMap(firstFull), scopedKey);
      if (request.makesRoom && this.#room.makeRoom(request, attempt)) return { outcome: 'making-room' };
      attempts.push(attempt);
    }
    for (const attempt of request.preempts ? attempts : []) {
      const victims = this.#room.victims(request, attempt);
      if (victims === undefined) continue;
      const { nowMs, revokeUntilMs } = request;
      const ended = victims.map((view) => this.#end(view, 'preempted', nowMs, revokeUntilMs));
      const opened = this.#open(request, attempt, attempts.flatMap(firstFull), scopedKey);
      return { ...opened, ended: [...opened.ended, ...ended] };
    }
    return { outcome: 'full', full: attempts.flatMap(firstFull) };
  }

  #open(
    request: OpenView,
    { nodeId, offer }: Attempt,
    full: readonly FullOffer[],
    scopedKey: string | undefined,
  ): Extract<OpenViewResult, { outcome: 'opened' }> {
    const { nowMs } = request;
    const { protocol, stream } = offer;
    const assigned = this.#streams.get(stream.path);
    const stays = assigned !== undefined && assigned.nodeId === nodeId;
    const ended = assigned === undefined || stays ? [] : this.#endAll(assigned.path, 'node_lost', nowMs);
    for (const needed of [
      ...this.#room.toPull(request, offer).filter(({ path }) => path !== stream.path),
      stream,
    ]) {
      const before = this.#streams.get(needed.path);
      this.#streams.put({
        ...needed,
        nodeId,
        fence: before?.nodeId === nodeId ? before.fence : this.#streams.nextFence(nowMs),
        keepUntilMs: nowMs + needed.ttlMs,
      });
    }
    const view = this.#views.open(
      {
        sessionId: request.sessionId,
        userId: request.userId,
        cameraId: stream.cameraId,
        profile: stream.profile,
        path: stream.path,
        nodeId,
        protocol,
        granted: grantedFrom(request.offers, offer),
        state: 'granted',
        startedAtMs: nowMs,
        connectBeforeMs: request.connectBeforeMs,
        counters: request.counters.map(({ key }) => key),
        tier: request.tier,
      },
      scopedKey,
    );
    const record = this.#record(stream.path);
    if (record === undefined) throw new Error('a stream that was just assigned is gone');
    return { outcome: 'opened', view, stream: record, placed: !stays, full, ended };
  }

  async closeView(request: CloseView): Promise<EndedView | undefined> {
    const { sessionId, nowMs, onlyUser, revokeUntilMs } = request;
    const view = this.#views.get(sessionId);
    if (view === undefined) {
      if (revokeUntilMs !== undefined)
        this.#revocations.wish(sessionId, { untilMs: revokeUntilMs, onlyUser });
      return undefined;
    }
    if (onlyUser !== undefined && view.userId !== onlyUser) return undefined;
    return this.#end(view, request.reason, nowMs, revokeUntilMs);
  }

  async applyReport(facts: ReportFacts): Promise<ReportOutcome | undefined> {
    const { epoch, nodeId, nowMs, seq } = facts;
    const heard = this.#heard.get(nodeId);
    if (heard === undefined && facts.adoptable === undefined) return undefined;
    if (heard?.epoch === epoch && seq <= heard.seq) return { connected: [], ended: [] };
    this.#heard.set(nodeId, { epoch, seq });
    const ended: EndedView[] = [];
    const connected: ViewRecord[] = [];
    const seen = new Map<SessionId, NodeSession>();
    for (const session of facts.sessions) {
      if (!seen.has(session.sessionId)) seen.set(session.sessionId, session);
    }
    this.#streams.sawRunning(nodeId, new Set(facts.running));
    this.#adoptStreams(facts, heard === undefined, seen, ended);
    for (const session of seen.values()) {
      const view = this.#seeSession(session, facts);
      if (view !== undefined) connected.push(view);
    }
    const told = new Map<SessionId, EndedSession>(facts.ended.map((one) => [one.sessionId, one]));
    const newLife = heard !== undefined && heard.epoch !== epoch;
    for (const view of this.#views.onNode(nodeId)) {
      if (seen.has(view.sessionId)) continue;
      const reason = told.get(view.sessionId)?.reason;
      if (reason !== undefined) ended.push(this.#end(view, reason, nowMs));
      else if (view.state === 'connected') {
        ended.push(this.#end(view, newLife ? 'node_lost' : 'viewer_silent', nowMs));
      } else if (view.connectBeforeMs <= nowMs) {
        ended.push(this.#end(view, 'never_connected', nowMs, facts.revokeLapsedUntilMs));
      }
    }
    return { connected, ended };
  }

  async ensureStream(request: Parameters<SharedState['ensureStream']>[0]): Promise<StreamRecord | undefined> {
    const { holdMs = request.stream.ttlMs, nowMs, ranking, stream } = request;
    const assigned = this.#streams.get(stream.path);
    const nodeId = assigned?.nodeId ?? ranking[0];
    if (nodeId === undefined) return undefined;
    if (assigned === undefined && this.#room.fullBudget(request, stream, nowMs) !== undefined)
      return undefined;
    this.#streams.put({
      ...stream,
      nodeId,
      fence: assigned?.fence ?? this.#streams.nextFence(nowMs),
      keepUntilMs: Math.max(assigned?.keepUntilMs ?? 0, nowMs + holdMs),
    });
    return this.#record(stream.path);
  }

  async moveStream(request: Parameters<SharedState['moveStream']>[0]): Promise<MovedStream | undefined> {
    const { fence, make, nowMs, path, to } = request;
    const stream = this.#streams.get(path);
    if (stream === undefined || stream.fence !== fence) return undefined;
    const keeps = make !== undefined && this.#room.bearsTwice(make, stream, nowMs);
    if (keeps) this.#streams.linger(stream, make.untilMs);
    this.#streams.put({ ...stream, nodeId: to, fence: this.#streams.nextFence(nowMs) });
    const ended = keeps ? [] : this.#endAll(path, request.reason, nowMs);
    this.#keepUntil(path, nowMs + request.holdMs);
    const moved = this.#record(path);
    if (moved === undefined) throw new Error('a stream that was just moved is gone');
    return { stream: moved, ended, kept: this.#views.onPath(path) };
  }

  async configureCamera(
    request: Parameters<SharedState['configureCamera']>[0],
  ): Promise<readonly EndedView[]> {
    const { cameraId, nowMs, onDemand, paths, ttlMs } = request;
    const ended: EndedView[] = [];
    for (const stream of this.#streams.list(cameraId)) {
      if (paths.includes(stream.path)) {
        const alwaysOn = request.alwaysOn && onDemand?.includes(stream.path) !== true;
        const keepUntilMs = stream.alwaysOn ? nowMs + ttlMs : Math.min(stream.keepUntilMs, nowMs + ttlMs);
        this.#streams.put({ ...stream, ttlMs, alwaysOn, keepUntilMs });
        this.#wake(stream.nodeId);
      } else {
        ended.push(...this.#endAll(stream.path, 'stream_dropped', nowMs));
        this.#streams.drop(stream.path, nowMs);
      }
    }
    return ended;
  }

  async sweep(nowMs: number): Promise<number> {
    if (nowMs - this.#revocationsSweptMs >= REVOCATION_SWEEP_MS) {
      this.#revocationsSweptMs = nowMs;
      this.#revocations.sweep(nowMs);
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const stream of this.#streams.list()) {
      if (stream.alwaysOn || this.#views.countOnPath(stream.path) > 0) continue;
      if (stream.keepUntilMs <= nowMs) this.#streams.drop(stream.path, nowMs);
      else nextMs = Math.min(nextMs, stream.keepUntilMs);
    }
    return nextMs;
  }

  async view(sessionId: SessionId): Promise<ViewRecord | undefined> {
    return this.#views.get(sessionId);
  }

  async views(query: ViewQuery): Promise<readonly ViewRecord[]> {
    return this.#views.list(query);
  }

  async endedView(sessionId: SessionId): Promise<EndedView | undefined> {
    return this.#views.ended(sessionId);
  }

  async streams(query: Parameters<SharedState['streams']>[0] = {}): Promise<readonly StreamRecord[]> {
    const found: StreamRecord[] = [];
    for (const stream of this.#streams.list(query.cameraId)) {
      if (query.nodeId !== undefined && stream.nodeId !== query.nodeId) continue;
      found.push({ ...stream, views: this.#views.countOnPath(stream.path) });
    }
    return found;
  }

  async counts(keys: readonly string[]): Promise<readonly number[]> {
    return keys.map((key) => this.#views.countUnder(key));
  }

  async streamCounts(): Promise<ReadonlyMap<NodeId, number>> {
    return this.#streams.counts();
  }

  async nodeState(nodeId: NodeId, nowMs: number, since = 0): Promise<NodeShare | undefined> {
    if (!this.#heard.has(nodeId)) return undefined;
    const { revoked, upTo } = this.#revocations.forNode(nodeId, nowMs, since);
    return { streams: await this.streams({ nodeId }), revoked, revokedUpTo: upTo };
  }

  async knownNodes(): Promise<ReadonlySet<NodeId>> {
    return new Set(this.#heard.keys());
  }

  onDesiredChange(listener: (nodeId: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #wake(nodeId: NodeId): void {
    for (const listener of this.#listeners) listener(nodeId);
  }

  #record(path: StreamPath): StreamRecord | undefined {
    const stream = this.#streams.get(path);
    return stream === undefined ? undefined : { ...stream, views: this.#views.countOnPath(path) };
  }

  #adoptStreams(
    facts: ReportFacts,
    unknownNode: boolean,
    seen: ReadonlyMap<SessionId, NodeSession>,
    ended: EndedView[],
  ): void {
    const { adoptable = [], nodeId, nowMs } = facts;
    if (adoptable.length === 0) return;
    const watched = new Set<StreamPath>();
    for (const session of seen.values()) {
      if (!this.#revocations.claims(session, nodeId, nowMs)) watched.add(session.path);
    }
    for (const stream of adoptable) {
      this.#streams.sawFence(stream.fence);
      const assigned = this.#streams.get(stream.path);
      if (assigned !== undefined && assigned.fence >= stream.fence) continue;
      if (!unknownNode && !watched.has(stream.path)) continue;
      if (assigned !== undefined && assigned.nodeId !== nodeId) {
        ended.push(...this.#endAll(stream.path, 'node_lost', nowMs));
      }
      this.#streams.put({ ...stream, nodeId, keepUntilMs: nowMs + stream.ttlMs });
    }
  }

  /** Answers the view when it is news. */
  #seeSession(session: NodeSession, facts: ReportFacts): ViewRecord | undefined {
    const view = this.#views.get(session.sessionId);
    if (view !== undefined) {
      return view.nodeId === facts.nodeId ? this.#views.connect(view, session.protocol) : undefined;
    }
    if (this.#revocations.claims(session, facts.nodeId, facts.nowMs)) {
      this.#wake(facts.nodeId);
      return undefined;
    }
    const stream = this.#streams.get(session.path);
    if (stream?.nodeId !== facts.nodeId) return undefined;
    const claim = facts.claims?.get(session.sessionId);
    return this.#views.open({
      sessionId: session.sessionId,
      userId: session.userId,
      cameraId: stream.cameraId,
      profile: stream.profile,
      path: stream.path,
      nodeId: facts.nodeId,
      protocol: session.protocol,
      granted: session.protocol === 'webrtc' ? ['webrtc', 'hls'] : ['hls'],
      state: 'connected',
      startedAtMs: session.connectedAt,
      connectBeforeMs: facts.nowMs,
      counters: claim?.counters ?? [`user ${session.userId}`],
      tier: claim?.tier ?? LEAST_TIER,
    });
  }

  #endAll(path: StreamPath, reason: ReasonCode, nowMs: number): EndedView[] {
    return this.#views.onPath(path).map((view) => this.#views.close(view, reason, nowMs));
  }

  /** Ends one view; the last of an on-demand stream starts its time to live, none at all when that is 0. */
  #end(view: ViewRecord, reason: ReasonCode, nowMs: number, revokeUntilMs?: number): EndedView {
    const ended = this.#views.close(view, reason, nowMs);
    if (revokeUntilMs !== undefined) {
      this.#revocations.add(view.sessionId, view.nodeId, revokeUntilMs);
      this.#wake(view.nodeId);
    }
    const stream = this.#streams.get(view.path);
    if (stream !== undefined && this.#views.countOnPath(view.path) === 0) {
      this.#keepUntil(view.path, nowMs + stream.ttlMs);
      if (stream.ttlMs === 0 && !stream.alwaysOn) this.#streams.drop(view.path, nowMs);
    }
    return ended;
  }

  #keepUntil(path: StreamPath, keepUntilMs: number): void {
    const stream = this.#streams.get(path);
    if (stream !== undefined) this.#streams.put({ ...stream, keepUntilMs });
  }
}
