// Enters: the reports of nodes. Leaves: views and streams kept as nodes see them, and news of what changed.
// Not its job: the connection (node-link.ts), what should run (streams/).
import {
  type Limits,
  MEDIA_TOKEN_SECONDS,
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
import type { ReportFacts, SharedState } from '../state/shared-state.ts';
import type { BFrameMemory } from '../streams/b-frame-memory.ts';
import { type CameraCatalog, streamPath, streamToRun } from '../streams/camera-catalog.ts';
import type { CameraStatusBoard } from '../streams/camera-status-board.ts';
import type { DesiredStreams } from '../streams/desired-streams.ts';
import type { Confirmations } from './confirmations.ts';
import type { NodeDirectory } from './node-directory.ts';
import type { DesiredState, LinkPeer, NodeLink } from './node-link.ts';

interface ReportIntakeOptions {
  readonly state: Pick<SharedState, 'applyReport' | 'nodeState' | 'view'>;
  readonly directory: NodeDirectory;
  readonly desired: DesiredStreams;
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

  async reported(link: NodeLink, report: NodeReport, first: boolean): Promise<void> {
    const nodeId = link.hello?.nodeId;
    if (nodeId === undefined) return;
    const { bFrames, board, clock, directory, keyFrames, news, state } = this.#options;
    const adoptable = first ? await this.#adoptable(report) : [];
    const claims = first ? { claims: await this.#claims(report) } : {};
    if (!directory.isCurrent(link)) return;
    const nowMs = clock.wallNow();
    const outcome = await state.applyReport({
      nodeId,
      epoch: report.epoch,
      seq: report.seq,
      nowMs,
      sessions: report.sessions,
      ended: report.ended,
      revokeLapsedUntilMs: nowMs + MEDIA_TOKEN_SECONDS * 1000,
      adoptable,
      ...claims,
      running: report.streams.map(({ path }) => path),
    });
    const before = directory.get(nodeId)?.report?.sessions ?? [];
    directory.reported(link, report);
    board.reported(nodeId, report);
    keyFrames.reported(nodeId, report);
    bFrames.reported(report);
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
    return { streams: await desired.build(share.streams), revoked, revokedUpTo };
  }

  /** Streams of cameras that still exist as they run there. */
  async #adoptable(report: NodeReport): Promise<ReportFacts['adoptable']> {
    const adoptable: ReportFacts['adoptable'][number][] = [];
    for (const { cameraId, fence, path, profile } of report.streams) {
      const camera = await this.#options.catalog.find(cameraId);
      if (camera === undefined || path !== streamPath(cameraId, profile)) continue;
      if (!camera.profiles.some((offered) => offered.name === profile)) continue;
      const stream = streamToRun(camera, profile, await this.#options.budgets.of(camera, true));
      if (stream !== undefined) adoptable.push({ ...stream, fence });
    }
    return adoptable;
  }

  /** What views count under that this process does not remember. */
  async #claims(report: NodeReport): Promise<NonNullable<ReportFacts['claims']>> {
    const { catalog, kindOf, limitsOf } = this.#options;
    const claims = new Map<SessionId, { counters: string[]; tier: number }>();
    for (const { cameraId, sessionId, userId } of report.sessions) {
      const camera = await catalog.find(cameraId);
      if (camera === undefined) continue;
      const viewer = { id: userId, kind: await kindOf(userId) };
      const counters = viewCounters(viewer, camera, await limitsOf(camera.tenantId));
      claims.set(sessionId, { counters: counters.map(({ key }) => key), tier: camera.tier });
    }
    return claims;
  }
}
