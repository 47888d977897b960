// Enters: the reports of nodes. Leaves: views and streams kept as nodes see them, and news of what changed.
// Not its job: the connection (node-link.ts), what should run (streams/).
import {
  type DesiredStream,
  type Limits,
  MEDIA_TOKEN_SECONDS,
  type NodeId,
  type NodeReport,
  type SessionId,
  type TenantId,
  type UserId,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import { viewCounters } from '../admission/admit-view.ts';
import type { BudgetBook } from '../admission/budget-book.ts';
import type { KeyFrameRequests } from '../key-frames/key-frame-requests.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { ReportFacts, ReportOutcome, SharedState } from '../state/shared-state.ts';
import type { BFrameMemory } from '../streams/b-frame-memory.ts';
import { type CameraCatalog, streamPath, streamToRun } from '../streams/camera-catalog.ts';
import type { CameraStatusBoard } from '../streams/camera-status-board.ts';
import type { DesiredStreams } from '../streams/desired-streams.ts';
import type { Confirmations } from './confirmations.ts';
import type { NodeDirectory } from './node-directory.ts';
import type { NodeLeases } from './node-leases.ts';
import type { DesiredState, LinkPeer, NodeLink } from './node-link.ts';

interface ReportIntakeOptions {
  readonly state: Pick<SharedState, 'applyReport' | 'nodeState' | 'view'>;
  readonly directory: NodeDirectory;
  readonly leases: Pick<NodeLeases, 'able' | 'failed'>;
  readonly desired: DesiredStreams;
  /** What a node still runs for those who have not left it yet. */
  readonly leaving: (nodeId: NodeId) => readonly DesiredStream[];
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly board: CameraStatusBoard;
  readonly keyFrames: Pick<KeyFrameRequests, 'reported'>;
  readonly bFrames: Pick<BFrameMemory, 'reported'>;
  readonly budgets: Pick<BudgetBook, 'of'>;
  readonly limitsOf: (tenantId: TenantId) => Promise<Limits>;
  /** Whether a viewer is a person or a program. */
  readonly kindOf: (userId: UserId) => Promise<Principal['kind']>;
  readonly news: ViewNews;
  readonly clock: Pick<Clock, 'wallNow'>;
}

export class ReportIntake implements LinkPeer {
  readonly #options: ReportIntakeOptions;
  /** Sessions of the last report that was taken in. */
  readonly #taken = new Map<NodeId, NodeReport['sessions']>();

  constructor(options: ReportIntakeOptions) {
    this.#options = options;
  }

  greeted(...told: Parameters<LinkPeer['greeted']>): Confirmations {
    return this.#options.directory.greeted(...told);
  }

  heard(link: NodeLink): void {
    this.#options.directory.heard(link);
  }

  gone(link: NodeLink): void {
    this.#options.directory.gone(link);
  }

  able(): boolean {
    return this.#options.leases.able;
  }

  /** Known without the shared state: how the node is, what its cameras show. */
  observed(link: NodeLink, report: NodeReport): void {
    const nodeId = link.hello?.nodeId;
    const { bFrames, board, directory } = this.#options;
    if (nodeId === undefined || !directory.isCurrent(link)) return;
    directory.observed(link, report);
    board.reported(nodeId, report);
    bFrames.reported(report);
    if (!report.lead) directory.heardOut(link);
  }

  async reported(link: NodeLink, report: NodeReport, first: boolean): Promise<void> {
    const nodeId = link.hello?.nodeId;
    if (nodeId === undefined) return;
    const { directory, keyFrames, news } = this.#options;
    const before = this.#taken.get(nodeId) ?? [];
    const outcome =
      (first ? undefined : await this.#apply(nodeId, report)) ?? (await this.#adopt(link, report));
    if (outcome === undefined) return;
    this.#taken.set(nodeId, report.sessions);
    directory.heardOut(link);
    keyFrames.reported(nodeId, report);
    news.connected(outcome.connected);
    const told = new Map(report.ended.map((ended) => [ended.sessionId, ended]));
    news.ended(
      outcome.ended.map((ended) => {
        const { sessionId } = ended.view;
        const seen = before.find((session) => session.sessionId === sessionId);
        return { ...ended, seen, told: told.get(sessionId) };
      }),
    );
    if (told.size > 0) await news.told(nodeId, report.ended, await this.#alive(told.keys()));
  }

  /** Undefined when the node is not known: what runs there must be taken over first. */
  async #apply(
    nodeId: NodeId,
    report: NodeReport,
    adopted: Pick<ReportFacts, 'adoptable' | 'claims'> = {},
  ): Promise<ReportOutcome | undefined> {
    const { clock, leases, state } = this.#options;
    const nowMs = clock.wallNow();
    const facts: ReportFacts = {
      nodeId,
      epoch: report.epoch,
      seq: report.seq,
      nowMs,
      sessions: report.sessions,
      ended: report.ended,
      revokeLapsedUntilMs: nowMs + MEDIA_TOKEN_SECONDS * 1000,
      running: report.streams.map(({ path }) => path),
      ...adopted,
    };
    try {
      return await state.applyReport(facts);
    } catch (error) {
      leases.failed();
      throw error;
    }
  }

  /** Takes over what runs there; undefined when a later connection has come meanwhile. */
  async #adopt(link: NodeLink, report: NodeReport): Promise<ReportOutcome | undefined> {
    const nodeId = link.hello?.nodeId;
    const [adoptable, claims] = await Promise.all([this.#adoptable(report), this.#claims(report)]);
    const adopted = { adoptable, claims };
    if (nodeId === undefined || !this.#options.directory.isCurrent(link)) return undefined;
    return this.#apply(nodeId, report, adopted);
  }

  async #alive(sessionIds: Iterable<SessionId>): Promise<ReadonlySet<SessionId>> {
    const alive = new Set<SessionId>();
    for (const id of sessionIds) if ((await this.#options.state.view(id)) !== undefined) alive.add(id);
    return alive;
  }

  async desired(link: NodeLink, revokedSince: number): Promise<DesiredState | undefined> {
    const nodeId = link.hello?.nodeId;
    const { clock, desired, state } = this.#options;
    const share = nodeId && (await state.nodeState(nodeId, clock.wallNow(), revokedSince));
    if (!share) return undefined;
    const { revoked, revokedUpTo } = share;
    const streams = await desired.build(share.streams);
    const leaving = this.#options
      .leaving(nodeId)
      .filter(({ path }) => streams.every((each) => each.path !== path));
    return { streams: [...streams, ...leaving], revoked, revokedUpTo };
  }

  /** Streams of cameras that still exist as they run there. */
  async #adoptable(report: NodeReport): Promise<NonNullable<ReportFacts['adoptable']>> {
    const found = await Promise.all(
      report.streams.map(async ({ cameraId, fence, path, profile }) => {
        const camera = await this.#options.catalog.find(cameraId);
        if (camera === undefined || path !== streamPath(cameraId, profile)) return [];
        if (!camera.profiles.some((offered) => offered.name === profile)) return [];
        const stream = streamToRun(camera, profile, await this.#options.budgets.of(camera, true));
        return stream === undefined ? [] : [{ ...stream, fence }];
      }),
    );
    return found.flat();
  }

  /** What views count under that this process does not remember. */
  async #claims(report: NodeReport): Promise<NonNullable<ReportFacts['claims']>> {
    const { catalog, kindOf, limitsOf } = this.#options;
    const kinds = new Map<UserId, Promise<Principal['kind']>>();
    const claims = await Promise.all(
      report.sessions.map(async ({ cameraId, sessionId, userId }) => {
        const camera = await catalog.find(cameraId);
        if (camera === undefined) return [];
        const kind = kinds.get(userId) ?? kindOf(userId);
        kinds.set(userId, kind);
        const viewer = { id: userId, kind: await kind };
        const counters = viewCounters(viewer, camera, await limitsOf(camera.tenantId));
        return [[sessionId, { counters: counters.map(({ key }) => key), tier: camera.tier }] as const];
      }),
    );
    return new Map(claims.flat());
  }
}
