// Enters: who wants to watch what, by which protocols. Leaves: a reserved view on a node, or a refusal with its reason.
// Not its job: which protocols and profile (policy), whether the caller may see the camera (access).
import {
  type DecisionStep,
  type Limits,
  type NodeId,
  type ProfileName,
  type Protocol,
  type SessionId,
  type TenantId,
  VIEW_RECONNECT_SECONDS,
} from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import type { Placement } from '../placement/placement.ts';
import type {
  Counter,
  EndedView,
  FullOffer,
  Offer,
  OpenView,
  OpenViewResult,
  SharedState,
  StreamRecord,
  ViewLimits,
  ViewRecord,
} from '../state/shared-state.ts';
import { type StreamableCamera, streamPath, streamToRun } from '../streams/camera-catalog.ts';
import type { BudgetBook } from './budget-book.ts';
import { describeFull, isAllowance, isBusy } from './describe-full.ts';
import {
  DEFAULT_PRESSURE,
  type NodePressure,
  type PressureLevel,
  type PressureLimits,
} from './node-pressure.ts';
import { tenantCounters } from './quota-group.ts';

/** What is the same for everybody; the rest is in the limits of each tenant. */
export interface AdmissionLimits {
  /** For WebRTC each node names its own. */
  readonly hlsViewsPerNode: number;
  readonly rtspViewsPerNode: number;
  /** What a node may use of itself before new views get less of it. */
  readonly pressure: PressureLimits;
}

export const DEFAULT_LIMITS: AdmissionLimits = {
  hlsViewsPerNode: 10_000,
  rtspViewsPerNode: 200,
  pressure: DEFAULT_PRESSURE,
};

export interface AdmissionRequest {
  readonly sessionId: SessionId;
  readonly principal: Principal;
  readonly camera: StreamableCamera;
  /** Best first, never empty. */
  readonly offers: readonly { readonly profile: ProfileName; readonly protocol: Protocol }[];
  /** 0 the most important, 9 the least. */
  readonly tier: number;
  /** May take the place of less important views. */
  readonly preempts: boolean;
  /** May use the connection that devices keep free. */
  readonly urgent: boolean;
  /** Of this camera in all, by whatever protocol; undefined: no such rule. */
  readonly maxViewers: number | undefined;
  /** Instead of the camera's own. */
  readonly ttlMs: number | undefined;
  readonly idempotencyKey: string | undefined;
}

export interface Admitted {
  readonly view: ViewRecord;
  readonly stream: StreamRecord;
  /** The stream ran nowhere before. */
  readonly placed: boolean;
  /** The view was there already, by its idempotency key. */
  readonly repeated: boolean;
  readonly steps: readonly DecisionStep[];
  /** Views of others that ended: their stream had to leave a lost node, or they gave way. */
  readonly ended: readonly EndedView[];
}

/** Start timeout of 10 s, and what a slow browser or a change of protocol adds. */
const CONNECT_WITHIN_MS = 15_000;
/** A node whose connection broke is back this soon, or starts its life anew. */
const NODE_WITHIN_MS = 1000;
const RETRY_AFTER_SECONDS = 5;
/** A device's connection that nobody uses any more is closed this soon, or something else is offered. */
const ROOM_WITHIN_MS = 2500;
const ROOM_CHECK_MS = 100;

interface AdmissionOptions {
  readonly state: Pick<SharedState, 'openView'>;
  readonly placement: Pick<Placement, 'rank'>;
  readonly directory: Pick<NodeDirectory, 'usable' | 'readySoon' | 'settled'>;
  readonly limitsOf: (tenantId: TenantId) => Promise<Limits>;
  readonly budgets: Pick<BudgetBook, 'of'>;
  readonly pressure: Pick<NodePressure, 'of'>;
  readonly clock: Pick<Clock, 'now' | 'wallNow' | 'after'>;
  readonly limits: AdmissionLimits;
}

export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `no_node`, `quota_exceeded` or `at_capacity`. */
  async admit(request: AdmissionRequest): Promise<Admitted> {
    const { budgets, clock, directory, limitsOf, placement, pressure, state } = this.#options;
    const { camera } = request;
    const limits = await limitsOf(camera.tenantId);
    const pulls = await budgets.of(camera, request.urgent);
    const roomUntil = clock.now() + ROOM_WITHIN_MS;
    let ranking: readonly NodeId[] = [];
    for (;;) {
      const makesRoom = clock.now() < roomUntil;
      const result = await state.openView(this.#ask(request, { limits, pulls, ranking, makesRoom }));
      if (result.outcome === 'making-room') {
        await new Promise<void>((resolve) => void clock.after(ROOM_CHECK_MS, resolve));
      } else if (result.outcome === 'unplaced' && ranking.length === 0) {
        await directory.settled;
        await directory.readySoon(NODE_WITHIN_MS);
        ranking = await placement.rank(camera, request.offers[0]?.protocol);
        if (ranking.length === 0) return answer(result, pressure);
      } else return answer(result, pressure);
    }
  }

  #ask(
    request: AdmissionRequest,
    found: {
      readonly limits: Limits;
      readonly pulls: readonly Counter[];
      readonly ranking: readonly NodeId[];
      readonly makesRoom: boolean;
    },
  ): OpenView {
    const { clock, directory, limits, pressure } = this.#options;
    const { principal } = request;
    const nowMs = clock.wallNow();
    return {
      sessionId: request.sessionId,
      userId: principal.id,
      offers: request.offers.flatMap((offer) => offerOf(request, offer, found.pulls)),
      cameraLimits: found.limits.camera,
      counters: countersOf(request, found.limits),
      budgets: found.pulls,
      makesRoom: found.makesRoom,
      tier: request.tier,
      preempts: request.preempts,
      revokeUntilMs: nowMs + VIEW_RECONNECT_SECONDS * 1000,
      nodes: new Map(
        directory
          .usable()
          .map(({ hello }) => [
            hello.nodeId,
            viewLimits(hello.maxWebrtcViewers, limits, pressure.of(hello.nodeId).level),
          ]),
      ),
      ranking: found.ranking,
      idempotencyKey: request.idempotencyKey,
      nowMs,
      connectBeforeMs: nowMs + CONNECT_WITHIN_MS,
    };
  }
}

/** What the view of somebody counts under, whatever the offer. */
export function viewCounters(
  viewer: Pick<Principal, 'id' | 'kind'>,
  camera: Pick<StreamableCamera, 'id' | 'tenantId' | 'pathName'>,
  limits: Limits,
  maxViewers = Number.MAX_SAFE_INTEGER,
): Counter[] {
  const own: Counter =
    viewer.kind === 'user'
      ? { key: `user ${viewer.id}`, max: limits.viewsPerUser, limit: 'user' }
      : { key: `user ${viewer.id}`, max: limits.viewsPerToken, limit: 'token' };
  return [
    own,
    // Counted always, so that a rule that comes later knows how many there are.
    { key: `viewers ${camera.id}`, max: maxViewers, limit: 'policy' },
    ...tenantCounters(camera.tenantId, limits, camera.pathName ?? streamPath(camera.id, 'main')),
  ];
}

function countersOf({ camera, maxViewers, principal }: AdmissionRequest, limits: Limits): Counter[] {
  return viewCounters(principal, camera, limits, maxViewers);
}

/** None where the camera has no such profile. */
function offerOf(
  { camera, ttlMs }: AdmissionRequest,
  { profile, protocol }: AdmissionRequest['offers'][number],
  pulls: readonly Counter[],
): Offer[] {
  const stream = streamToRun(camera, profile, pulls, ttlMs);
  if (stream === undefined) return [];
  const source = camera.profiles.find(({ name }) => name === profile)?.source;
  const parent = source?.kind === 'rendition' ? streamToRun(camera, 'main', pulls, ttlMs) : undefined;
  return [{ protocol, stream, ...(parent === undefined ? {} : { parent }) }];
}

/** Who watches goes on; of who comes, WebRTC costs a node the most, HLS hardly anything. */
function viewLimits(webrtc: number, limits: AdmissionLimits, level: PressureLevel): ViewLimits {
  switch (level) {
    case 'free':
      return { webrtc, hls: limits.hlsViewsPerNode, rtsp: limits.rtspViewsPerNode };
    case 'busy':
      return { webrtc: 0, hls: limits.hlsViewsPerNode, rtsp: limits.rtspViewsPerNode };
    case 'overloaded':
      return { webrtc: 0, hls: 0, rtsp: 0 };
  }
}

function answer(
  result: Exclude<OpenViewResult, { outcome: 'making-room' }>,
  pressure: Pick<NodePressure, 'of'>,
): Admitted {
  const sentences = (full: readonly FullOffer[]) =>
    [...new Set(full.map((each) => describeFull(each, pressure)))].join(' ');
  switch (result.outcome) {
    case 'unplaced':
      throw new VedetteError('no_node', { retryAfterSeconds: 2 });
    case 'full': {
      const detail = sentences(result.full);
      const code = result.full.every(isAllowance) ? 'quota_exceeded' : 'at_capacity';
      throw new VedetteError(code, { detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    case 'repeated': {
      const { stream, view } = result;
      const steps = [
        step('admission', view.protocol, 'repeated', 'The same request has opened this view already.'),
        step('placement', view.nodeId, 'sticky', 'The view runs there already.'),
      ];
      return { view, stream, placed: false, repeated: true, steps, ended: [] };
    }
    case 'opened': {
      const { ended, full, placed, stream, view } = result;
      const gaveWay = ended.filter(({ reason }) => reason === 'preempted').length;
      const admission =
        gaveWay > 0
          ? step(
              'admission',
              view.protocol,
              'preempted',
              `${sentences(full)} ${gaveWay} less important ${gaveWay === 1 ? 'view' : 'views'} gave way.`,
            )
          : full.length === 0
            ? step('admission', view.protocol, 'room', 'Camera, node and allowance have room.')
            : step('admission', view.protocol, ruleOf(full, pressure), sentences(full));
      const placement = placed
        ? step(
            'placement',
            view.nodeId,
            'rendezvous',
            'Nobody was watching; this is its node by hash and load.',
          )
        : step('placement', view.nodeId, 'sticky', 'The camera runs there already.');
      return { view, stream, placed, repeated: false, steps: [admission, placement], ended };
    }
  }
}

function ruleOf([first]: readonly FullOffer[], pressure: Pick<NodePressure, 'of'>): string {
  return first !== undefined && isBusy(first, pressure) ? 'node-busy' : `${first?.limit}-full`;
}

function step(name: DecisionStep['step'], result: string, rule: string, reason: string): DecisionStep {
  return { step: name, result, rule, reason };
}
