// Enters and leaves: as shared-state.ts says, for several control processes. Each step is one script (lua/), which
// follows the same rules as memory-shared-state.ts. Not its job: the connection (redis-connection.ts).
import { NodeId, SessionId } from '@vedette/contracts';
import { z } from 'zod';
import type {
  CloseView,
  EndedView,
  MovedStream,
  NodeShare,
  OpenView,
  OpenViewResult,
  ReportFacts,
  ReportOutcome,
  SharedState,
  StreamRecord,
  ViewQuery,
  ViewRecord,
} from '../shared-state.ts';
import { PackedEnded, PackedFull, PackedNumber, PackedStream, PackedView } from './redis-records.ts';
import { countersOf, openViewRequest } from './redis-requests.ts';
import type { RedisStore } from './redis-store.ts';
import { ReportSender } from './report-sender.ts';

const OpenReply = z.union([
  z
    .tuple([
      z.literal('opened'),
      PackedView,
      PackedStream,
      z.enum(['0', '1']),
      PackedFull.array(),
      PackedEnded.array(),
    ])
    .transform(
      ([outcome, view, stream, placed, full, ended]): OpenViewResult => ({
        outcome,
        view,
        stream,
        placed: placed === '1',
        full,
        ended,
      }),
    ),
  z
    .tuple([z.literal('repeated'), PackedView, PackedStream])
    .transform(([outcome, view, stream]): OpenViewResult => ({ outcome, view, stream })),
  z.tuple([z.enum(['unplaced', 'making-room'])]).transform(([outcome]): OpenViewResult => ({ outcome })),
  z
    .tuple([z.literal('full'), PackedFull.array()])
    .transform(([outcome, full]): OpenViewResult => ({ outcome, full })),
]);
const None = z.tuple([z.literal('none')]).transform(() => undefined);
const CloseReply = z.union([
  None,
  z.tuple([z.literal('ended'), PackedEnded]).transform(([, ended]) => ended),
]);
const StreamReply = z.union([
  None,
  z.tuple([z.literal('stream'), PackedStream]).transform(([, stream]) => stream),
]);
const MoveReply = z.union([
  None,
  z
    .tuple([z.literal('moved'), PackedStream, PackedEnded.array(), PackedView.array()])
    .transform(([, stream, ended, kept]): MovedStream => ({ stream, ended, kept })),
]);
const ConfigureReply = z
  .tuple([z.literal('configured'), PackedEnded.array()])
  .transform(([, ended]) => ended);
const SweepReply = z.tuple([z.literal('swept'), z.string()]);
const ViewReply = z.union([None, z.tuple([z.literal('view'), PackedView]).transform(([, view]) => view)]);
const EndedReply = z.union([None, z.tuple([z.literal('view'), PackedEnded]).transform(([, view]) => view)]);
const portion = <T extends z.ZodType>(what: string, item: T) =>
  z.tuple([z.literal(what), item.array(), PackedNumber, z.enum(['0', '1'])]);
const ViewsReply = portion('views', PackedView);
const StreamsReply = portion('streams', PackedStream);
const CountsReply = z.tuple([z.literal('counts'), z.number().array()]);
const StreamCountsReply = z.tuple([z.literal('counts'), z.string().array()]);
const PackedRevoked = z.string().transform((text) => {
  const [sessionId, untilMs] = text.split('\n');
  return { sessionId: SessionId.parse(sessionId), untilMs: Number(untilMs) };
});
const ShareReply = z.union([
  None,
  z
    .tuple([z.literal('share'), PackedStream.array(), PackedRevoked.array(), PackedNumber])
    .transform(([, streams, revoked, revokedUpTo]): NodeShare => ({ streams, revoked, revokedUpTo })),
]);
const NodesReply = z.tuple([z.literal('nodes'), NodeId.array()]);

export class RedisSharedState implements SharedState {
  readonly #store: RedisStore;
  readonly #reports: ReportSender;

  constructor(options: { readonly store: RedisStore }) {
    this.#store = options.store;
    this.#reports = new ReportSender(options);
  }

  async openView(request: OpenView): Promise<OpenViewResult> {
    const result = OpenReply.parse(await this.#store.run('open-view', openViewRequest(request)));
    if ('stream' in result) this.#store.saw({ fence: result.stream.fence, order: result.view.order });
    return result;
  }

  async closeView(request: CloseView): Promise<EndedView | undefined> {
    return CloseReply.parse(await this.#store.run('close-view', request));
  }

  async applyReport(facts: ReportFacts): Promise<ReportOutcome | undefined> {
    return this.#reports.send(facts);
  }

  async ensureStream(request: Parameters<SharedState['ensureStream']>[0]): Promise<StreamRecord | undefined> {
    const { budgets, holdMs, nowMs, ranking, stream } = request;
    const asked = { stream, budgets: countersOf(budgets), node: ranking[0], nowMs, holdMs };
    const found = StreamReply.parse(await this.#store.run('ensure-stream', asked));
    if (found !== undefined) this.#store.saw(found);
    return found;
  }

  async moveStream(request: Parameters<SharedState['moveStream']>[0]): Promise<MovedStream | undefined> {
    const { make, ...rest } = request;
    const twice = make === undefined ? {} : { make: { ...make, budgets: countersOf(make.budgets) } };
    const moved = MoveReply.parse(await this.#store.run('move-stream', { ...rest, ...twice }));
    if (moved !== undefined) this.#store.saw(moved.stream);
    return moved;
  }

  async configureCamera(
    request: Parameters<SharedState['configureCamera']>[0],
  ): Promise<readonly EndedView[]> {
    const asked = { ...request, onDemand: request.onDemand ?? [] };
    return ConfigureReply.parse(await this.#store.run('configure-camera', asked));
  }

  async sweep(nowMs: number): Promise<number> {
    const [, next] = SweepReply.parse(await this.#store.run('sweep', { nowMs }));
    return next === 'never' ? Number.POSITIVE_INFINITY : Number(next);
  }

  async view(sessionId: SessionId): Promise<ViewRecord | undefined> {
    return ViewReply.parse(await this.#store.run('find-view', { kept: 'views', sessionId }));
  }

  async endedView(sessionId: SessionId): Promise<EndedView | undefined> {
    return EndedReply.parse(await this.#store.run('find-view', { kept: 'ended', sessionId }));
  }

  /** Read in portions, so that a long list holds up nobody: what opens or ends meanwhile is in it or not. */
  async views(query: ViewQuery): Promise<readonly ViewRecord[]> {
    const { cameraId, nodeId, userId } = query;
    const limit = Math.min(query.limit ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    const found: ViewRecord[] = [];
    let after = query.after ?? 0;
    while (found.length < limit) {
      const asked = { cameraId, userId, node: nodeId, after, limit: limit - found.length };
      const [, views, upTo, isLast] = ViewsReply.parse(await this.#store.run('find-views', asked));
      for (const view of views) found.push(view);
      if (isLast === '1') break;
      after = upTo;
    }
    return found;
  }

  /** In portions, as `views`. */
  async streams(query: Parameters<SharedState['streams']>[0] = {}): Promise<readonly StreamRecord[]> {
    const found: StreamRecord[] = [];
    for (let after = 0; ; ) {
      const asked = { cameraId: query.cameraId, node: query.nodeId, after };
      const [, streams, upTo, isLast] = StreamsReply.parse(await this.#store.run('find-streams', asked));
      for (const stream of streams) found.push(stream);
      if (isLast === '1') return found;
      after = upTo;
    }
  }

  async counts(keys: readonly string[]): Promise<readonly number[]> {
    return CountsReply.parse(await this.#store.run('count-views', { keys }))[1];
  }

  async streamCounts(): Promise<ReadonlyMap<NodeId, number>> {
    const [, flat] = StreamCountsReply.parse(await this.#store.run('count-streams', {}));
    const counts = new Map<NodeId, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) counts.set(NodeId.parse(flat[i]), Number(flat[i + 1]));
    return counts;
  }

  async nodeState(nodeId: NodeId, nowMs: number, since = 0): Promise<NodeShare | undefined> {
    const share = ShareReply.parse(await this.#store.run('node-state', { nodeId, nowMs, since }));
    for (const stream of share?.streams ?? []) this.#store.saw(stream);
    return share;
  }

  async knownNodes(): Promise<ReadonlySet<NodeId>> {
    return new Set(NodesReply.parse(await this.#store.run('known-nodes', {}))[1]);
  }

  onDesiredChange(listener: (nodeId: NodeId) => void): () => void {
    return this.#store.onDesired((message) => {
      for (const name of message.split(' ')) {
        const nodeId = NodeId.safeParse(name);
        if (nodeId.success) listener(nodeId.data);
      }
    });
  }
}
