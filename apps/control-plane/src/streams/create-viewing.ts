import type { CameraId, IceServer, NodeId, UserId } from '@vedette/contracts';
import type { Metrics } from '@vedette/runtime';
import type { FastifyPluginAsync } from 'fastify';
import type { LocalTimes } from '../access/local-time.ts';
import { Admission, type AdmissionLimits } from '../admission/admit-view.ts';
import { BudgetBook, type BudgetSource } from '../admission/budget-book.ts';
import { NodePressure } from '../admission/node-pressure.ts';
import type { AuditPort } from '../audit/audit-request.ts';
import { LiveEvents } from '../events/live-events.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import type { IncidentBookPort } from '../incidents/incident-book.ts';
import { incidentRoutes } from '../incidents/incident-routes.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { WarmUp } from '../incidents/warm-up.ts';
import { LossRehearsal } from '../nodes/loss-rehearsal.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { NodeGateway } from '../nodes/node-gateway.ts';
import { nodeRoutes } from '../nodes/node-routes.ts';
import { DeliveryPolicy } from '../policy/delivery-policy.ts';
import { PolicyBook } from '../policy/policy-book.ts';
import { type PolicyPort, policyRoutes } from '../policy/policy-routes.ts';
import { TryPolicy } from '../policy/try-policy.ts';
import { ViewReviewer } from '../policy/view-reviewer.ts';
import type { CameraStatusPort } from '../registry/camera-status.ts';
import { AccessReview } from '../sessions/access-review.ts';
import { sessionRoutes } from '../sessions/session-routes.ts';
import { SessionService } from '../sessions/session-service.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import { ViewAudit, type ViewLog } from '../sessions/view-audit.ts';
import { ViewNews } from '../sessions/view-news.ts';
import { jwksRoutes } from '../tokens/jwks-routes.ts';
import { streamPath } from './camera-catalog.ts';
import { openStreams, type StreamsOptions } from './open-streams.ts';
import { type PathAdmissionOptions, pathAdmissionRoutes } from './path-admission.ts';
import type { PathNames } from './path-names.ts';
import { streamRoutes } from './stream-routes.ts';
import { StreamService } from './stream-service.ts';
import { addViewMetrics } from './view-metrics.ts';

export interface ViewingOptions extends StreamsOptions {
  readonly policies: PolicyPort;
  /** Cameras that matter more than anything else for a while. */
  readonly incidents: {
    readonly store: IncidentStore;
    readonly book: IncidentBookPort;
    readonly idempotency: IdempotencyStore;
  };
  readonly times: LocalTimes;
  readonly pathNames: PathNames;
  readonly access: ViewAccess;
  readonly limits: AdmissionLimits;
  /** How much sites and recorders bear. */
  readonly budgets: BudgetSource;
  /** Who somebody is that speaks to a node. */
  readonly identify: PathAdmissionOptions['identify'];
  /** Told to the user's player; `site` is that of the node. */
  readonly iceServers: (userId: string, site: string | undefined) => readonly IceServer[];
  readonly metrics: Metrics;
  readonly audit: AuditPort;
  readonly viewLog: ViewLog;
}

export interface Viewing {
  /** Under /api/v1. */
  readonly api: readonly FastifyPluginAsync[];
  /** Under /. The node link needs @fastify/websocket. */
  readonly root: readonly FastifyPluginAsync[];
  readonly cameras: CameraStatusPort;
  /** Cameras that run on a node, by its last report. */
  camerasOn(nodeId: NodeId): Iterable<CameraId>;
  readonly streams: StreamService;
  readonly sessions: SessionService;
  /** For alarms. */
  readonly warmUp: WarmUp;
  readonly gateway: NodeGateway;
  /** At least one media node is connected and has told what it runs. */
  hasNode(): boolean;
  /** Where media comes from, as it is now. */
  mediaOrigins(): readonly string[];
  /** A user or token lost its rights: what it watches and hears ends at once. */
  endViewsOfUser(id: UserId): Promise<void>;
  /** What a user or token may see has changed: what is no longer theirs ends. */
  reviewViewsOfUser(id: UserId): Promise<void>;
  /** Resolves once it is known which nodes other processes lead. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Everything between "may I watch this?" and a node that runs it, put together. */
export function createViewing(options: ViewingOptions): Viewing {
  const { access, bus, catalog, clock, log, processes, state, tokens } = options;
  const { duty, notes } = processes;
  const audit = new ViewAudit({
    audit: options.audit,
    camera: (id) => catalog.find(id),
    viewer: async (id) => {
      const { kind = 'user', name } = (await access.who(id)) ?? { name: await access.nameOf(id) };
      return name === undefined ? undefined : { kind, id, name };
    },
    viewLog: options.viewLog,
    seen: ({ nodeId, sessionId }) =>
      directory.get(nodeId)?.report?.sessions.find((session) => session.sessionId === sessionId),
    tell: (note) => notes.tell(note),
    clock,
  });
  const news = new ViewNews({ bus, log, audit });
  const budgets = new BudgetBook({ source: options.budgets, clock, log });
  const carried = openStreams({
    ...options,
    budgets,
    news,
    kindOf: async (id) => (await access.who(id).catch(() => undefined))?.kind ?? 'user',
  });
  const { bFrames, board, directory, gateway, parents, placement } = carried;
  const policies = new PolicyBook({ store: options.policies, times: options.times, clock, log });
  const nodeCpu = () => leastCpu(directory);
  const policy = new DeliveryPolicy({
    book: policies,
    state,
    nodeCpu,
    incidentOf: (cameraId) => options.incidents.book.of(cameraId),
    hasBFrames: (camera, profile) => bFrames.has(streamPath(camera.id, profile)),
    clock,
  });
  const reviewer = new ViewReviewer({
    policy,
    state,
    catalog,
    access,
    nodeCpu,
    end: ({ sessionId }) => sessions.revoke(sessionId, 'denied_by_policy'),
    bus,
    duty,
    clock,
    log,
  });
  const pressure = new NodePressure(options.limits.pressure);
  const streams = new StreamService({
    state,
    directory,
    admission: new Admission({
      state,
      directory,
      placement,
      limitsOf: options.limitsOf,
      budgets,
      pressure,
      clock,
      limits: options.limits,
    }),
    catalog,
    access,
    tokens,
    news,
    parents,
    policy,
    onGranted: (view) => {
      reviewer.remember(view);
      notes.tell({ kind: 'view-remembered', view });
    },
    audit,
    iceServers: options.iceServers,
    clock,
    log,
    onStart: addViewMetrics({ metrics: options.metrics, state, directory }),
  });
  const sessions = new SessionService({
    state,
    directory,
    catalog,
    access,
    tokens,
    news,
    clock,
    settling: () => directory.settling,
  });
  const warmUp = new WarmUp({ state, placement, catalog, budgets, clock });
  const live = new LiveEvents({ bus, access, clock });
  const review = new AccessReview({
    state,
    access,
    end: ({ sessionId }) => sessions.revoke(sessionId, 'access_ended'),
    bus,
    duty,
    clock,
    log,
  });
  const stops: (() => void)[] = [];
  return {
    api: [
      policyRoutes({
        store: options.policies,
        book: policies,
        tries: new TryPolicy({ policy, access, catalog, times: options.times }),
        onChange: (tenantId) => {
          notes.tell({ kind: 'rules', tenantId });
          void reviewer.rulesChanged(tenantId);
        },
      }),
      incidentRoutes({ ...options.incidents, access, warmUp, clock }),
      streamRoutes({ streams }),
      sessionRoutes({ sessions }),
      nodeRoutes({
        directory,
        rehearsal: new LossRehearsal({ state, directory, catalog, limits: options.limits }),
        clock,
      }),
      live.routes(),
    ],
    root: [
      jwksRoutes({ tokens }),
      gateway.routes(),
      pathAdmissionRoutes({
        streams,
        pathNames: options.pathNames,
        nodeToken: options.nodeToken,
        identify: options.identify,
      }),
    ],
    cameras: { status: (cameraId: CameraId) => board.status(cameraId) },
    camerasOn: (nodeId) => board.on(nodeId),
    streams,
    sessions,
    warmUp,
    gateway,
    hasNode: () => directory.ready().length > 0,
    mediaOrigins: () => directory.mediaOrigins,
    async endViewsOfUser(id) {
      live.endFor(id);
      notes.tell({ kind: 'rights', userId: id });
      await sessions.endViewsOfUser(id, 'revoked');
    },
    async reviewViewsOfUser(id) {
      await review.user(id);
      // What may be heard of has changed as well: the browser comes back as who it is now.
      live.endFor(id);
      notes.tell({ kind: 'rights', userId: id });
    },
    async start() {
      stops.push(
        bus.subscribe(({ event }) => {
          if (event.type !== 'node.state') return;
          if (event.state === 'lost') pressure.forget(event.nodeId);
          if (event.state === 'connected' && event.load !== null) pressure.measured(event.nodeId, event.load);
        }),
        processes.board.onGap(() => {
          catalog.forgetAll();
          void review.everybody();
        }),
        processes.notes.onNote((note) => {
          switch (note.kind) {
            case 'view-began':
            case 'on-screen':
            case 'told':
              audit.heard(note);
              break;
            case 'view-remembered': {
              const { ask, ...view } = note.view;
              const { clientAddress, request, wishedProtocol } = ask;
              reviewer.remember({ ...view, ask: { clientAddress, request, wishedProtocol } });
              break;
            }
            case 'rights':
              live.endFor(note.userId);
              break;
            case 'rules':
              policies.forget(note.tenantId);
              void reviewer.rulesChanged(note.tenantId);
              break;
          }
        }),
        bus.subscribe(({ event, isForeign }) => {
          if (isForeign === true && event.type === 'session.ended') audit.endedElsewhere(event.sessionId);
        }),
      );
      await carried.start();
      review.start();
      reviewer.start();
      options.incidents.book.start();
    },
    async close() {
      for (const stop of stops) stop();
      audit.close();
      reviewer.close();
      options.incidents.book.close();
      review.close();
      await carried.close();
    },
  };
}

function leastCpu(directory: NodeDirectory): number | undefined {
  let least: number | undefined;
  for (const { report } of directory.ready()) {
    const cpu = report?.load.cpu;
    if (cpu !== undefined && (least === undefined || cpu < least)) least = cpu;
  }
  return least;
}
