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
  /** What its pull counts under: a device, a line. Empty for what is made of another stream. */
  readonly budgets: readonly string[];
  /** Granted and connected ones. */
  readonly views: number;
  /** Without views and not always on, the stream is dropped from here on. */
  readonly keepUntilMs: number;
}

export interface ViewRecord {
  readonly sessionId: SessionId;
  /** Or API token. */
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
  /** What it counts under beside its camera and its node: a person, a tenant, an agency. */
  readonly counters: readonly string[];
  /** 0 the most important, 9 the least. */
  readonly tier: number;
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

/** What a limit is about; a closed set, as answers and metrics name it. */
export type LimitName =
  | 'camera'
  | 'node'
  | 'device'
  | 'site'
  | 'user'
  | 'token'
  | 'tenant'
  | 'quota-group'
  | 'quota-total'
  | 'policy';

/** So many at once under one key. */
export interface Counter {
  readonly key: string;
  readonly max: number;
  readonly limit: LimitName;
}

export type StreamToRun = Pick<
  StreamRecord,
  'path' | 'cameraId' | 'profile' | 'ttlMs' | 'alwaysOn' | 'budgets'
>;

/** One way of showing the camera. */
export interface Offer {
  readonly protocol: Protocol;
  readonly stream: StreamToRun;
  /** The stream that it is made of, which must run beside it. */
  readonly parent?: StreamToRun;
}

export interface OpenView {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  /** Best first, all of one camera; the first with room is taken, its other protocols after it stay granted. */
  readonly offers: readonly Offer[];
  readonly cameraLimits: ViewLimits;
  /** Must have room whatever the offer. */
  readonly counters: readonly Counter[];
  /** What the budgets that streams name bear. */
  readonly budgets: readonly Counter[];
  /** Streams that nobody watches are dropped for an offer whose budget is full; the caller asks again. */
  readonly makesRoom: boolean;
  readonly tier: number;
  /** May take the place of views of a higher tier number; those end as `preempted`, until `revokeUntilMs`. */
  readonly preempts: boolean;
  readonly revokeUntilMs: number;
  /** Nodes that may carry the stream, with their limits; a stream on any of them stays there. */
  readonly nodes: ReadonlyMap<NodeId, ViewLimits>;
  /** Where the stream goes when it runs on none of `nodes`, best first; may be empty to ask only. */
  readonly ranking: readonly NodeId[];
  /** The same key of the same user and camera finds the same view as long as that lives. */
  readonly idempotencyKey: string | undefined;
  readonly nowMs: number;
  readonly connectBeforeMs: number;
}

export interface FullOffer {
  readonly protocol: Protocol;
  readonly profile: ProfileName;
  readonly limit: LimitName;
  /** Of the counter or budget; of a camera or node its id. */
  readonly key: string;
}

export type OpenViewResult =
  | {
      readonly outcome: 'opened';
      readonly view: ViewRecord;
      readonly stream: StreamRecord;
      /** The stream ran on none of `nodes` before. */
      readonly placed: boolean;
      /** Better offers that had no room. */
      readonly full: readonly FullOffer[];
      /** Views that ended because their stream had to leave an unusable node, or gave way. */
      readonly ended: readonly EndedView[];
    }
  | { readonly outcome: 'repeated'; readonly view: ViewRecord; readonly stream: StreamRecord }
  | { readonly outcome: 'unplaced' }
  /** What stood in the way is about to end: ask again shortly. */
  | { readonly outcome: 'making-room' }
  | { readonly outcome: 'full'; readonly full: readonly FullOffer[] };

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
  /** Rises with every report of this life of the node, by whichever connection it came: an older one changes nothing. */
  readonly seq: number;
  readonly nowMs: number;
  readonly sessions: readonly NodeSession[];
  readonly ended: readonly EndedSession[];
  /** Until when a view that never connected must not come any more. */
  readonly revokeLapsedUntilMs: number;
  /**
   * With the first report of a connection, and whenever the node is not known here: streams that run there and may
   * go on. Those that somebody watches are taken over unless a newer placement exists, idle ones only from a node
   * that is not known here.
   */
  readonly adoptable?: readonly (Pick<StreamState, 'path' | 'cameraId' | 'profile' | 'fence'> &
    Pick<StreamRecord, 'ttlMs' | 'alwaysOn' | 'budgets'>)[];
  /** With the same report: what views count under that are taken over from the node. */
  readonly claims?: ReadonlyMap<SessionId, Pick<ViewRecord, 'counters' | 'tier'>>;
  /** Paths that run there; a pull counts until its node says that it is over. */
  readonly running: readonly StreamPath[];
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

export interface MovedStream {
  readonly stream: StreamRecord;
  readonly ended: readonly EndedView[];
  /** Views that go on where the stream was. */
  readonly kept: readonly ViewRecord[];
}

/** What the shared state holds for one node, as of one moment. */
export interface NodeShare {
  readonly streams: readonly StreamRecord[];
  readonly revoked: readonly RevokedView[];
  readonly revokedUpTo: number;
}

export interface SharedState {
  openView(request: OpenView): Promise<OpenViewResult>;
  /** Undefined when there is no such view, or not of that user. Closing again does no harm. */
  closeView(request: CloseView): Promise<EndedView | undefined>;
  /**
   * Undefined, and nothing done, when the node is not known here and `adoptable` is missing: what runs there must be
   * taken over first, or it would be dropped.
   */
  applyReport(facts: ReportFacts): Promise<ReportOutcome | undefined>;
  /** Assigns a stream that is assigned nowhere; undefined when there is nowhere to go, or no room in its budgets. */
  ensureStream(request: {
    readonly stream: StreamToRun;
    readonly budgets: readonly Counter[];
    readonly ranking: readonly NodeId[];
    readonly nowMs: number;
    /** Kept at least so long, instead of its time to live. */
    readonly holdMs?: number;
  }): Promise<StreamRecord | undefined>;
  /**
   * Moves a stream unless it has moved since (`fence`); its views end, and it is kept `holdMs` for their return.
   * With `make` its views go on where they are (make before break), if the budgets bear it twice until `untilMs`.
   */
  moveStream(request: {
    readonly path: StreamPath;
    readonly fence: number;
    readonly to: NodeId;
    readonly reason: ReasonCode;
    readonly nowMs: number;
    readonly holdMs: number;
    readonly make?: { readonly budgets: readonly Counter[]; readonly untilMs: number };
  }): Promise<MovedStream | undefined>;
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
  /** How many views count under each key now. */
  counts(keys: readonly string[]): Promise<readonly number[]>;
  /** Streams on each node that has any. */
  streamCounts(): Promise<ReadonlyMap<NodeId, number>>;
  /**
   * What this node should run, and what it must not serve, oldest first; `since` skips what an earlier answer held.
   * Undefined until a report of the node was taken in: nothing is known then of what runs there.
   */
  nodeState(nodeId: NodeId, nowMs: number, since?: number): Promise<NodeShare | undefined>;
  /** Those of which a report was taken in. */
  knownNodes(): Promise<ReadonlySet<NodeId>>;

  /** Calls back when the desired state of a node has changed, in whichever process; returns how to stop that. */
  onDesiredChange(listener: (nodeId: NodeId) => void): () => void;
}
