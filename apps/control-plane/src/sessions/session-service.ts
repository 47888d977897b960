// Enters: questions about views, renewals, ends. Leaves: the same view with fresh tokens, or its end.
// Not its job: starting views (streams/stream-service.ts).
import {
  type NodeSession,
  type ReasonCode,
  type RenewAnswer,
  type SessionId,
  type SessionView,
  type UserId,
  VIEW_RECONNECT_SECONDS,
} from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { SharedState, ViewQuery, ViewRecord } from '../state/shared-state.ts';
import type { CameraCatalog } from '../streams/camera-catalog.ts';
import { linkView } from '../streams/view-links.ts';
import type { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';
import type { ViewAccess } from './view-access.ts';
import type { ViewNews } from './view-news.ts';

export interface SessionServiceOptions {
  readonly state: Pick<SharedState, 'view' | 'views' | 'closeView' | 'endedView'>;
  readonly directory: Pick<NodeDirectory, 'get'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly access: ViewAccess;
  readonly tokens: Pick<MediaTokenIssuer, 'issueMediaToken'>;
  readonly news: ViewNews;
  readonly clock: Pick<Clock, 'wallNow'>;
  /** True while views may exist that nodes have not told of yet: right after the start. */
  readonly settling: () => boolean;
}

export class SessionService {
  readonly #options: SessionServiceOptions;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `session_not_found`, `session_revoked`, `forbidden`, `denied_by_policy`, or `unavailable` when it cannot be known yet. */
  async renew(principal: Principal, sessionId: SessionId, onScreenSeconds?: number): Promise<RenewAnswer> {
    const { access, catalog, directory, settling, state, tokens } = this.#options;
    const view = await state.view(sessionId);
    if (view === undefined || view.userId !== principal.id) {
      const ended = await state.endedView(sessionId);
      if (ended?.view.userId === principal.id) {
        if (ended.reason === 'revoked') throw new VedetteError('session_revoked');
        if (ended.reason === 'denied_by_policy') throw new VedetteError('denied_by_policy');
        if (ended.reason === 'access_ended') throw new VedetteError('forbidden');
      }
      if (view === undefined && settling()) throw new VedetteError('unavailable', { retryAfterSeconds: 1 });
      throw new VedetteError('session_not_found');
    }
    const address = directory.get(view.nodeId)?.hello;
    if (!(await access.mayView(principal, view.cameraId))) throw new VedetteError('forbidden');
    if (address === undefined) throw new VedetteError('session_not_found');
    if (onScreenSeconds !== undefined) this.#options.news.onScreen(sessionId, onScreenSeconds);
    return { sessionId, ...(await linkView(view, address, tokens, await catalog.find(view.cameraId))) };
  }

  /** Ends one view of a camera that the caller may see; its node cuts it at once. Throws VedetteError `session_not_found`. */
  async end(principal: Principal, sessionId: SessionId, requestId: string): Promise<ViewRecord> {
    const { access, state } = this.#options;
    const view = await state.view(sessionId);
    if (view === undefined || !(await access.mayView(principal, view.cameraId)))
      throw new VedetteError('session_not_found');
    const ended = await this.#close(sessionId, 'revoked', requestId);
    if (ended === undefined) throw new VedetteError('session_not_found');
    return ended.view;
  }

  /** For a view that is no longer allowed. */
  async revoke(sessionId: SessionId, reason: 'access_ended' | 'denied_by_policy'): Promise<void> {
    await this.#close(sessionId, reason);
  }

  /** For a user or token that lost its rights. */
  async endViewsOfUser(userId: UserId, reason: ReasonCode): Promise<void> {
    for (const view of await this.#options.state.views({ userId })) await this.#close(view.sessionId, reason);
  }

  /** Views of cameras that the caller may see, in the order in which they were started. */
  async list(
    principal: Principal,
    query: ViewQuery & { readonly limit: number },
  ): Promise<(SessionView & { readonly order: number })[]> {
    const { access } = this.#options;
    const views = await this.#visible(principal, query);
    const reported = this.#reported(views);
    const names = new Map<UserId, string>();
    for (const id of new Set(views.map(({ userId }) => userId)))
      names.set(id, (await access.nameOf(id)) ?? id);
    return Promise.all(
      views.map((view) =>
        this.#describe(view, names.get(view.userId) ?? view.userId, reported.get(view.sessionId)),
      ),
    );
  }

  async #visible(principal: Principal, query: ViewQuery & { readonly limit: number }): Promise<ViewRecord[]> {
    const { access, state } = this.#options;
    const visible: ViewRecord[] = [];
    let after = query.after ?? 0;
    while (visible.length < query.limit) {
      const found = await state.views({ ...query, after });
      for (const view of found)
        if (visible.length < query.limit && (await access.mayView(principal, view.cameraId)))
          visible.push(view);
      const last = found.at(-1);
      if (last === undefined || found.length < query.limit) break;
      after = last.order;
    }
    return visible;
  }

  async #describe(view: ViewRecord, userName: string, reported: NodeSession | undefined) {
    const camera = await this.#options.catalog.find(view.cameraId);
    return {
      id: view.sessionId,
      userId: view.userId,
      userName,
      cameraId: view.cameraId,
      cameraName: camera?.name ?? view.cameraId,
      profile: view.profile,
      protocol: view.protocol,
      path: view.path,
      node: view.nodeId,
      state: view.state,
      startedAt: new Date(view.startedAtMs).toISOString(),
      clientAddress: reported?.clientAddress ?? null,
      bytesSent: reported?.bytesSent ?? 0,
      framesDropped: reported?.framesDropped ?? 0,
      packetsLost: reported?.packetsLost ?? 0,
      rttMs: reported?.rttMs ?? null,
      order: view.order,
    };
  }

  #reported(views: readonly ViewRecord[]): ReadonlyMap<SessionId, NodeSession> {
    const found = new Map<SessionId, NodeSession>();
    for (const nodeId of new Set(views.map((view) => view.nodeId))) {
      for (const session of this.#options.directory.get(nodeId)?.report?.sessions ?? []) {
        found.set(session.sessionId, session);
      }
    }
    return found;
  }

  async #close(sessionId: SessionId, reason: ReasonCode, requestId?: string) {
    const { clock, news, state } = this.#options;
    const nowMs = clock.wallNow();
    const revokeUntilMs = nowMs + VIEW_RECONNECT_SECONDS * 1000;
    const ended = await state.closeView({ sessionId, reason, nowMs, revokeUntilMs });
    if (ended !== undefined) news.ended([ended], requestId);
    return ended;
  }
}
