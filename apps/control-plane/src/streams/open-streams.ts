// Wires what should run and the nodes that run it: who is there, what each is told, what is kept, moved and let go.
import type { Limits, NodeHello, NodeId, TenantId, UserId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import type { BudgetBook } from '../admission/budget-book.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { KeyFramePort } from '../key-frames/key-frame-port.ts';
import { KeyFrameRequests } from '../key-frames/key-frame-requests.ts';
import { NodeDirectory } from '../nodes/node-directory.ts';
import { NodeGateway } from '../nodes/node-gateway.ts';
import { NodeLeases } from '../nodes/node-leases.ts';
import { ReportIntake } from '../nodes/report-intake.ts';
import { Placement } from '../placement/placement.ts';
import type { Processes } from '../processes/open-processes.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';
import { BFrameMemory } from './b-frame-memory.ts';
import type { CachedCameraCatalog } from './cached-camera-catalog.ts';
import { CameraStatusBoard } from './camera-status-board.ts';
import { DesiredStreams } from './desired-streams.ts';
import { NodeDrain } from './node-drain.ts';
import { RenditionParents } from './rendition-parents.ts';
import { StreamKeeper } from './stream-keeper.ts';

export interface StreamsOptions {
  readonly bus: EventBus;
  readonly state: SharedState;
  readonly catalog: CachedCameraCatalog;
  readonly keyFrames: KeyFramePort;
  readonly tokens: MediaTokenIssuer;
  readonly limitsOf: (tenantId: TenantId) => Promise<Limits>;
  readonly nodeToken: string;
  /** Web origins that may fetch media from nodes, our own among them. */
  readonly allowedOrigins: readonly string[];
  /** How this process knows of others, and they of it. */
  readonly processes: Processes;
  /** Where nodes reach this process; undefined when that is not to be told. */
  readonly peerUrl: string | undefined;
  /** True when nothing listens any more where a node was. */
  readonly refuses: (hello: NodeHello) => Promise<boolean>;
  /** Nodes that an earlier life of this process knew. */
  readonly knownNodes: readonly NodeId[];
  /** Called when nodes are known that were not before, with all of them. */
  readonly onKnownNodes: (nodes: readonly NodeId[]) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Streams {
  readonly board: CameraStatusBoard;
  readonly bFrames: BFrameMemory;
  readonly directory: NodeDirectory;
  readonly gateway: NodeGateway;
  readonly parents: RenditionParents;
  readonly placement: Placement;
  /** Resolves once it is known which nodes other processes hear. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function openStreams(
  options: StreamsOptions & {
    readonly budgets: BudgetBook;
    readonly news: ViewNews;
    /** Whether a viewer is a person or a program. */
    readonly kindOf: (userId: UserId) => Promise<Principal['kind']>;
  },
): Streams {
  const { budgets, bus, catalog, clock, kindOf, log, news, processes, state, tokens } = options;
  const board = new CameraStatusBoard({ bus });
  const bFrames = new BFrameMemory();
  const keyFrames = new KeyFrameRequests({ port: options.keyFrames, clock, log });
  const leases = new NodeLeases({
    board: processes.board,
    controlId: processes.controlId,
    peerUrl: options.peerUrl,
    heard: () => directory.linked(),
    clock,
    log,
  });
  const directory: NodeDirectory = new NodeDirectory({
    bus,
    leases,
    refuses: options.refuses,
    knownNodes: () => state.knownNodes(),
    clock,
    log,
  });
  const desired = new DesiredStreams({
    state,
    catalog,
    limitsOf: options.limitsOf,
  });
  const gateway = new NodeGateway({
    peer: new ReportIntake({
      state,
      directory,
      leases,
      desired,
      leaving: (nodeId) => drain.leaving(nodeId),
      catalog,
      board,
      keyFrames,
      bFrames,
      budgets,
      limitsOf: options.limitsOf,
      kindOf,
      news,
      clock,
    }),
    nodeToken: options.nodeToken,
    welcome: () => ({
      jwks: { keys: tokens.jwks.keys.map((key) => ({ ...key })) },
      allowedOrigins: [...options.allowedOrigins],
      controlId: processes.controlId,
      peers: [...leases.peers],
    }),
    clock,
    log,
  });
  const placement = new Placement({ state, directory });
  const parents = new RenditionParents({
    state,
    catalog,
    budgets,
    running: () =>
      directory.led().flatMap(({ nodeId }) =>
        (directory.get(nodeId)?.report?.streams ?? []).map(({ cameraId, profile }) => ({
          cameraId,
          nodeId,
          profile,
        })),
      ),
  });
  const drain = new NodeDrain({
    state,
    directory,
    placement,
    catalog,
    budgets,
    desired,
    news,
    clock,
    log,
  });
  const keeper = new StreamKeeper({
    state,
    directory,
    placement,
    catalog,
    desired,
    parents,
    budgets,
    news,
    bus,
    clock,
    log,
  });
  const stops: (() => void)[] = [];
  return {
    board,
    bFrames,
    directory,
    gateway,
    parents,
    placement,
    async start() {
      stops.push(
        state.onDesiredChange((nodeId) => directory.desiredChanged(nodeId)),
        directory.onChange(() => {
          for (const { hello, state } of directory.list()) {
            if (state !== 'lost') continue;
            board.lost(hello.nodeId);
            keyFrames.lost(hello.nodeId);
          }
        }),
        rememberNodes(directory, options),
        leases.onChange(() => directory.tellAll({ type: 'peers', peers: [...leases.peers] })),
        processes.board.onGap((gap) => {
          // What was shared is rebuilt from what nodes say.
          if (gap === 'emptied') directory.takeInAnew();
        }),
      );
      await leases.start();
      directory.expect([...options.knownNodes, ...leases.elsewhere.keys()]);
      directory.start();
      keeper.start();
      drain.start();
    },
    async close() {
      for (const stop of stops) stop();
      keyFrames.close();
      keeper.close();
      drain.close();
      directory.close();
      await leases.close();
    },
  };
}

function rememberNodes(
  directory: NodeDirectory,
  { knownNodes, onKnownNodes }: Pick<StreamsOptions, 'knownNodes' | 'onKnownNodes'>,
): () => void {
  let known = [...knownNodes].sort().join();
  return directory.onChange(() => {
    const nodes = directory
      .list()
      .filter(({ state }) => state !== 'lost')
      .map(({ hello }) => hello.nodeId)
      .sort();
    if (nodes.join() === known) return;
    known = nodes.join();
    onKnownNodes(nodes);
  });
}
