// Enters: start, stop, "where does it run", "what runs". Leaves: views, with the reason of every decision.
// Not its job: time to live, lost nodes, always-on cameras (stream-keeper.ts); views that run (sessions/).
import {
  type CameraId,
  type DecisionStep,
  type EndpointAnswer,
  type IceServer,
  type NodeReport,
  type Protocol,
  type ReasonCode,
  SessionId,
  type StartAnswer,
  type StartRequest,
  type StreamState,
  type StreamView,
  VIEW_RECONNECT_SECONDS,
} from '@vedette/contracts';
import { type Clock, type Log, newId, VedetteError } from '@vedette/runtime';
import { authorize } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { Admission, Admitted } from '../admission/admit-view.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { DeliveryPolicy } from '../policy/delivery-policy.ts';
import type { Remembered } from '../policy/view-reviewer.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import type { ViewAudit } from '../sessions/view-audit.ts';
import type { ViewNews } from '../sessions/view-news.ts';
import type { CloseView, SharedState, StreamRecord, ViewRecord } from '../state/shared-state.ts';
import type { MediaTokenIssuer } from '../tokens/media-token-issuer.ts';
import type { CameraCatalog, StreamableCamera } from './camera-catalog.ts';
import type { RenditionParents } from './rendition-parents.ts';
import { linkView, type NodeAddress, viewUrl } from './view-links.ts';

export interface StreamServiceOptions {
  readonly state: SharedState;
  readonly directory: NodeDirectory;
  readonly admission: Pick<Admission, 'admit'>;
  readonly catalog: CameraCatalog;
  readonly access: Pick<ViewAccess, 'decide' | 'mayView'>;
  readonly tokens: Pick<MediaTokenIssuer, 'issueMediaToken'>;
  readonly news: ViewNews;
  readonly parents: Pick<RenditionParents, 'ensure'>;
  readonly policy: Pick<DeliveryPolicy, 'decide'>;
  /** Hears of every view with what was known at its start. */
  readonly onGranted: (view: Remembered) => void;
  readonly audit: Pick<ViewAudit, 'granted' | 'refused'>;
  /** Told to the user's player; `site` is that of the node. */
  readonly iceServers: (userId: string, site: string | undefined) => readonly IceServer[];
  readonly clock: Clock;
  readonly log: Log;
  /** Counts every start by how it came out. */
  readonly onStart: (outcome: {
    code: ReasonCode | 'ok';
    protocol: Protocol | 'none';
    elapsedMs: number;
  }) => void;
}

export interface StartCall {
  readonly principal: Principal;
  readonly cameraId: CameraId;
  readonly protocol: Protocol | undefined;
  readonly request: StartRequest;
  readonly idempotencyKey: string | undefined;
  readonly requestId: string;
  readonly clientAddress: string;
}

const ACKNOWLEDGE_WITHIN_MS = 1000;

export class StreamService {
  readonly #options: StreamServiceOptions;

  constructor(options: StreamServiceOptions) {
    this.#options = options;
  }

  /** Throws VedetteError with the reason when no view comes about; nothing is left behind then. */
  async start(call: StartCall): Promise<StartAnswer> {
    const { audit, clock, log, onStart } = this.#options;
    const begunAt = clock.now();
    const about = { cameraId: call.cameraId, userId: call.principal.id, requestId: call.requestId };
    try {
      const answer = await this.#start(call);
      const { node, profile, protocol, sessionId } = answer;
      log.info({ ...about, sessionId, nodeId: node, protocol, profile }, 'view granted');
      audit.granted(call, answer);
      onStart({ code: 'ok', protocol, elapsedMs: clock.now() - begunAt });
      return answer;
    } catch (error) {
      const code = error instanceof VedetteError ? error.code : 'internal_error';
      log.info({ ...about, reason: code }, 'view refused');
      audit.refused(call, code);
      onStart({ code, protocol: call.protocol ?? 'none', elapsedMs: clock.now() - begunAt });
      throw error;
    }
  }

  /** Ends the principal's own view, or any view for who may: that of somebody else is answered. Unknown, ended and foreign views make no difference. */
  async stop(
    principal: Principal,
    cameraId: CameraId,
    sessionId: SessionId,
    requestId: string,
    onScreenSeconds?: number,
  ): Promise<ViewRecord | undefined> {
    const { access, news, state } = this.#options;
    const view = await state.view(sessionId);
    if (view !== undefined && view.cameraId !== cameraId) return undefined;
    const foreign = view !== undefined && view.userId !== principal.id;
    if (view !== undefined && !foreign && onScreenSeconds !== undefined)
      news.onScreen(sessionId, onScreenSeconds);
    const may = authorize(principal, 'view.end-any').allowed && (await access.mayView(principal, cameraId));
    if (foreign && may) {
      await this.#close({ sessionId, reason: 'revoked' }, requestId);
      return view;
    }
    await this.#close({ sessionId, reason: 'viewer_left', onlyUser: principal.id }, requestId);
    return undefined;
  }

  /** Ends all views of the camera, answers how many. Throws VedetteError `forbidden` unless an administrator asks. */
  async stopAll(principal: Principal, cameraId: CameraId, requestId: string): Promise<number> {
    const decision = authorize(principal, 'view.end-any');
    if (!decision.allowed) throw new VedetteError(decision.code);
    if (!(await this.#options.access.mayView(principal, cameraId)))
      throw new VedetteError('camera_not_found');
    const views = await this.#options.state.views({ cameraId });
    for (const { sessionId } of views) await this.#close({ sessionId, reason: 'revoked' }, requestId);
    return views.length;
  }

  /** Throws VedetteError `not_running` when neither the caller's view nor the camera runs, or may be seen. */
  async endpoint(principal: Principal, cameraId: CameraId): Promise<EndpointAnswer> {
    const { access, catalog, directory, state, tokens } = this.#options;
    if (!(await access.mayView(principal, cameraId))) throw new VedetteError('camera_not_found');
    const [view] = await state.views({ cameraId, userId: principal.id, limit: 1 });
    const stream = view ?? (await state.streams({ cameraId }))[0];
    const address = stream && directory.get(stream.nodeId)?.hello;
    if (stream === undefined || address === undefined) throw new VedetteError('not_running');
    const { nodeId: node, path, profile } = stream;
    if (view === undefined) {
      const url = viewUrl(address, 'webrtc', path, '');
      return { cameraId, sessionId: null, protocol: 'webrtc', profile, path, node, url };
    }
    const { url } = await linkView(view, address, tokens, await catalog.find(cameraId));
    return { cameraId, sessionId: view.sessionId, protocol: view.protocol, profile, path, node, url };
  }

  /** Streams that the caller may see with a path after `after`, by path. */
  async list(principal: Principal, after: string, limit: number): Promise<StreamView[]> {
    const { access, directory, state } = this.#options;
    const streams = [...(await state.streams())].filter(({ path }) => path > after);
    streams.sort((a, b) => (a.path < b.path ? -1 : 1));
    const found: StreamView[] = [];
    for (const stream of streams) {
      if (found.length >= limit) break;
      if (!(await access.mayView(principal, stream.cameraId))) continue;
      found.push(describe(stream, directory.get(stream.nodeId)?.report));
    }
    return found;
  }

  async #start(call: StartCall): Promise<StartAnswer> {
    const { admission, clock, directory, iceServers, news, onGranted, parents, policy, tokens } =
      this.#options;
    const { principal } = call;
    const { access, camera } = await this.#visibleCamera(principal, call.cameraId);
    const ask = {
      request: call.request,
      wishedProtocol: call.protocol,
      clientAddress: call.clientAddress,
    };
    const { offers, outcome, steps } = await policy.decide({ ...ask, principal, camera });
    const admitted = await admission.admit({
      sessionId: SessionId.parse(newId()),
      principal,
      camera,
      offers,
      tier: outcome.tier ?? camera.tier,
      preempts: outcome.preempt ?? false,
      // What may take a place may also use the connection that devices keep free.
      urgent: outcome.preempt ?? false,
      maxViewers: outcome.maxViewers,
      ttlMs: outcome.ttlSeconds === undefined ? undefined : outcome.ttlSeconds * 1000,
      idempotencyKey: call.idempotencyKey,
    });
    news.ended(admitted.ended, call.requestId);
    await parents.ensure(camera, admitted.stream, clock.wallNow());
    const address = await this.#acknowledged(admitted, call.requestId);
    const { view } = admitted;
    const link = await linkView(view, address, tokens, camera);
    const [best] = offers;
    if (best !== undefined) onGranted({ ...view, tenantId: camera.tenantId, ask, best });
    return {
      sessionId: view.sessionId,
      cameraId: camera.id,
      protocol: view.protocol,
      profile: view.profile,
      ...link,
      node: view.nodeId,
      iceServers: [...iceServers(principal.id, directory.get(view.nodeId)?.hello.labels['site'])],
      decision: [access, ...steps, ...admitted.steps],
    };
  }

  async #visibleCamera(
    principal: Principal,
    cameraId: CameraId,
  ): Promise<{ readonly camera: StreamableCamera; readonly access: DecisionStep }> {
    const { access, catalog } = this.#options;
    const { allowed, reason, rule } = await access.decide(principal, cameraId);
    const camera = allowed ? await catalog.find(cameraId) : undefined;
    if (camera === undefined) throw new VedetteError('camera_not_found');
    if (camera.profiles.length === 0) throw new VedetteError('camera_not_configured');
    return { camera, access: { step: 'access', result: 'allowed', rule, reason } };
  }

  /** The node's address, once it has the stream. Otherwise the view is taken back. */
  async #acknowledged({ placed, repeated, stream, view }: Admitted, requestId: string): Promise<NodeAddress> {
    const { directory } = this.#options;
    if (await directory.confirmed({ ...stream, placed }, ACKNOWLEDGE_WITHIN_MS)) {
      const address = directory.get(stream.nodeId)?.hello;
      if (address !== undefined) return address;
    }
    if (!repeated) await this.#close({ sessionId: view.sessionId, reason: 'start_timeout' }, requestId);
    throw new VedetteError('start_timeout', { retryAfterSeconds: 1 });
  }

  async #close(
    request: Pick<CloseView, 'sessionId' | 'reason' | 'onlyUser'>,
    requestId: string,
  ): Promise<void> {
    const { clock, news, state } = this.#options;
    const nowMs = clock.wallNow();
    const revokeUntilMs = nowMs + VIEW_RECONNECT_SECONDS * 1000;
    const ended = await state.closeView({ ...request, nowMs, revokeUntilMs });
    if (ended !== undefined) news.ended([ended], requestId);
  }
}

/** As its node reports it, or as a stream that is about to be there. */
function describe(stream: StreamRecord, report: NodeReport | undefined): StreamView {
  const reported = report?.streams.find(({ path }) => path === stream.path);
  const viewers = report?.sessions.filter(({ path }) => path === stream.path).length ?? 0;
  return { ...(reported ?? unreported(stream)), node: stream.nodeId, viewers };
}

function unreported({ cameraId, fence, path, profile }: StreamRecord): StreamState {
  return {
    path,
    cameraId,
    profile,
    fence,
    health: 'connecting',
    reason: 'connecting',
    detail: null,
    codec: null,
    audio: null,
    nowPlaying: null,
    width: null,
    height: null,
    frameRate: null,
    bitsPerSecond: 0,
    keyFrameIntervalMs: null,
    lastFrameAt: null,
    reconnects: 0,
    framesIn: 0,
    packetsLost: 0,
    outputs: [],
  };
}
