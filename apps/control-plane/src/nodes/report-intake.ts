// Enters: the reports of nodes. Leaves: views and streams kept as nodes see them, and news of what changed.
// Not its job: the connection (node-link.ts), what should run (streams/).
import { MEDIA_TOKEN_SECONDS, type NodeReport } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { KeyFrameRequests } from '../key-frames/key-frame-requests.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { ReportFacts, SharedState } from '../state/shared-state.ts';
import { type CameraCatalog, streamPath } from '../streams/camera-catalog.ts';
import type { CameraStatusBoard } from '../streams/camera-status-board.ts';
import type { DesiredStreams } from '../streams/desired-streams.ts';
import type { Confirmations } from './confirmations.ts';
import type { NodeDirectory } from './node-directory.ts';
import type { DesiredState, LinkPeer, NodeLink } from './node-link.ts';

interface ReportIntakeOptions {
  readonly state: Pick<SharedState, 'applyReport' | 'revocations'>;
  readonly directory: NodeDirectory;
  readonly desired: DesiredStreams;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly board: CameraStatusBoard;
  readonly keyFrames: Pick<KeyFrameRequests, 'reported'>;
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
    const { board, clock, directory, keyFrames, news, state } = this.#options;
    const adoptable = first ? await this.#adoptable(report) : [];
    if (!directory.isCurrent(link)) return;
    const nowMs = clock.wallNow();
    const outcome = await state.applyReport({
      nodeId,
      epoch: report.epoch,
      nowMs,
      sessions: report.sessions,
      ended: report.ended,
      revokeLapsedUntilMs: nowMs + MEDIA_TOKEN_SECONDS * 1000,
      adoptable,
    });
    directory.reported(link, report);
    board.reported(nodeId, report);
    keyFrames.reported(nodeId, report);
    news.connected(outcome.connected);
    news.ended(outcome.ended);
  }

  async desired(link: NodeLink, revokedSince: number): Promise<DesiredState> {
    const nodeId = link.hello?.nodeId;
    if (nodeId === undefined) return { streams: [], revoked: [], revokedUpTo: 0 };
    const { clock, desired, state } = this.#options;
    const streams = await desired.of(nodeId);
    const { revoked, upTo } = await state.revocations(nodeId, clock.wallNow(), revokedSince);
    return { streams, revoked, revokedUpTo: upTo };
  }

  /** Streams of cameras that still exist as they run there. */
  async #adoptable(report: NodeReport): Promise<ReportFacts['adoptable']> {
    const adoptable: ReportFacts['adoptable'][number][] = [];
    for (const { cameraId, fence, path, profile } of report.streams) {
      const camera = await this.#options.catalog.find(cameraId);
      if (camera === undefined || path !== streamPath(cameraId, profile)) continue;
      if (!camera.profiles.some((offered) => offered.name === profile)) continue;
      const alwaysOn = camera.pull === 'always-on';
      adoptable.push({ path, cameraId, profile, fence, ttlMs: camera.idleTtlSeconds * 1000, alwaysOn });
    }
    return adoptable;
  }
}
