// Enters: what control processes decide and what nodes report. Leaves: which streams run where, who watches what.
// Every method is one atomic step, however many keys it touches: concurrent callers see all of it or nothing.
// Not its job: choosing a node, knowing cameras, telling anybody; it only wakes who asked to be woken.
import type {
  CameraId,
  EndedSession,
  NodeId,
  NodeSession,
  ProfileName,
  Protocol,
  ReasonCode,
  RevokedView,
  SessionId,
  StreamPath,
  StreamState,
  UserId,
} from '@vedette/contracts';

/** One camera profile and the one node that it runs on. Times are ms since the Unix epoch. */
export interface StreamRecord {
  readonly path: StreamPath;
  readonly cameraId: CameraId;
  readonly profile: ProfileName;
  readonly nodeId: NodeId;
  /** Grows with every placement of any stream. */
  readonly fence: number;
  readonly ttlMs: number;
  readonly alwaysOn: boolean;
  /** Granted and connected ones. */
  readonly views: number;
  /** Without views and not always on, the stream is dropped from here on. */
  readonly keepUntilMs: number;
}

export interface ViewRecord {
  readonly sessionId: SessionId;
  /** Or API token; its allowance is what the view counts against. */
  readonly userId: UserId;
  readonly cameraId: CameraId;
  readonly profile: ProfileName;
  readonly path: StreamPath;
  readonly nodeId: NodeId;
  /** In use once connected, the first of `granted` before. */
  readonly protocol: Protocol;
  readonly granted: readonly Protocol[];
  readonly state: 'granted' | 'connected';
  readonly startedAtMs: number;
  /** A granted view that its node has not seen by then has lapsed. */
  readonly connectBeforeMs: number;
  /** Rises with every view; the cursor of lists. */
  readonly order: number;
}

export interface EndedView {
  readonly view: ViewRecord;
  readonly reason: ReasonCode;
  readonly endedAtMs: number;
}

/** Views a camera or node bears at once, by protocol. */
/** What is not named is not allowed at all. */
export type ViewLimits = Readonly<Record<'webrtc' | 'hls', number> & Partial<Record<Protocol, number>>>;

export interface OpenView {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly quotaLimit: number;
  readonly stream: Pick<StreamRecord, 'path' | 'cameraId' | 'profile' | 'ttlMs' | 'alwaysOn'>;
  /** Best first; the first with room is taken, those after it stay granted. */
  readonly protocols: readonly Protocol[];
  readonly cameraLimits: ViewLimits;
  /** Nodes that may carry the stream, with their limits; a stream on any of them stays there. */
  readonly nodes: ReadonlyMap<NodeId, ViewLimits>;
  /** Where the stream goes when it runs on none of `nodes`, best first; may be empty to ask only. */
  readonly ranking: readonly NodeId[];
  /** The same key of the same user and camera finds the same view as long as that lives. */
  readonly idempotencyKey: string | undefined;
  readonly nowMs: number;
  readonly connectBeforeMs: number;
}

export interface FullProtocol {
  readonly protocol: Protocol;
  readonly limit: 'camera' | 'node';
}

export type OpenViewResult =
  | {
      readonly outcome: 'opened';
      readonly view: ViewRecord;
      readonly stream: StreamRecord;
      /** The stream ran on none of `nodes` before. */
      readonly placed: boolean;
      /** Better protocols that had no room. */
      readonly full: readonly FullProtocol[];
      /** Views that ended because their stream had to leave an unusable node. */
      readonly ended: readonly EndedView[];
    }
  | { readonly outcome: 'repeated'; readonly view: ViewRecord; readonly stream: StreamRecord }
  | { readonly outcome: 'unplaced' }
  | { readonly outcome: 'full'; readonly full: readonly FullProtocol[] }
  | { readonly outcome: 'quota' };

export interface CloseView {
  readonly sessionId: SessionId;
  readonly reason: ReasonCode;
  readonly nowMs: number;
  /** Absent when the view may come back. */
  readonly revokeUntilMs?: number;
  /** Closes only a view of this user. Of a view that is not known (yet), the wish is remembered. */
  readonly onlyUser?: UserId;
}

export interface ReportFacts {
  readonly nodeId: NodeId;
  readonly epoch: string;
  readonly nowMs: number;
  readonly sessions: readonly NodeSession[];
  readonly ended: readonly EndedSession[];
  /** Until when a view that never connected must not come any more. */
  readonly revokeLapsedUntilMs: number;
  /**
   * Only with the first report of a connection: streams that run there and may go on. Those that somebody watches
   * are taken over unless a newer placement exists, idle ones only from a node that is not known here.
   */
  readonly adoptable: readonly (Pick<StreamState, 'path' | 'cameraId' | 'profile' | 'fence'> &
    Pick<StreamRecord, 'ttlMs' | 'alwaysOn'>)[];
}

export interface ReportOutcome {
  /** Views that connected or changed protocol, and those taken over from the node. */
  readonly connected: readonly ViewRecord[];
  readonly ended: readonly EndedView[];
}

export interface ViewQuery {
  readonly userId?: UserId;
  readonly cameraId?: CameraId;
  readonly nodeId?: NodeId;
  /** Only views with a higher `order`. */
  readonly after?: number;
  readonly limit?: number;
}

export interface SharedState {
  openView(request: OpenView): Promise<OpenViewResult>;
  /** Undefined when there is no such view, or not of that user. Closing again does no harm. */
  closeView(request: CloseView): Promise<EndedView | undefined>;
  applyReport(facts: ReportFacts): Promise<ReportOutcome>;
  /** Assigns a stream that is assigned nowhere; undefined when there is nowhere to go. */
  ensureStream(request: Pick<OpenView, 'stream' | 'ranking' | 'nowMs'>): Promise<StreamRecord | undefined>;
  /** Moves a stream unless it has moved since (`fence`); its views end, and it is kept `holdMs` for their return. */
  moveStream(request: {
    readonly path: StreamPath;
    readonly fence: number;
    readonly to: NodeId;
    readonly reason: ReasonCode;
    readonly nowMs: number;
    readonly holdMs: number;
  }): Promise<readonly EndedView[] | undefined>;
  /** Takes over changed settings of a camera; streams not among `paths` are dropped, and their views end. */
  configureCamera(request: {
    readonly cameraId: CameraId;
    readonly paths: readonly StreamPath[];
    readonly ttlMs: number;
    readonly alwaysOn: boolean;
    /** Of these paths, those that are not, whatever `alwaysOn` says. */
    readonly onDemand?: readonly StreamPath[];
    readonly nowMs: number;
  }): Promise<readonly EndedView[]>;
  /** Drops what nobody needs any more; answers when the next is due, Infinity when none. */
  sweep(nowMs: number): Promise<number>;

  view(sessionId: SessionId): Promise<ViewRecord | undefined>;
  /** In `order`. */
  views(query: ViewQuery): Promise<readonly ViewRecord[]>;
  /** One of the most recently ended. */
  endedView(sessionId: SessionId): Promise<EndedView | undefined>;
  streams(query?: {
    readonly nodeId?: NodeId;
    readonly cameraId?: CameraId;
  }): Promise<readonly StreamRecord[]>;
  /** Streams on each node that has any. */
  streamCounts(): Promise<ReadonlyMap<NodeId, number>>;
  /** What this node must not serve, oldest first; `since` skips what an earlier answer held. */
  revocations(
    nodeId: NodeId,
    nowMs: number,
    since?: number,
  ): Promise<{ readonly revoked: readonly RevokedView[]; readonly upTo: number }>;

  /** Calls back when the desired state of a node has changed, in whichever process; returns how to stop that. */
  onDesiredChange(listener: (nodeId: NodeId) => void): () => void;
}
