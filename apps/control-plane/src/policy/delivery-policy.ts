// Enters: who wants to watch what, from where, with what. Leaves: offers, best first, and what else the rules gave.
// One code for a start, for the review of running views, and for "what would happen if".
import type {
  CameraId,
  DecisionStep,
  PolicyOutcome,
  ProfileName,
  Protocol,
  StartRequest,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { StreamableCamera } from '../streams/camera-catalog.ts';
import { avoidBFrames } from './avoid-b-frames.ts';
import type { CompiledRule } from './compile-policy.ts';
import { type Delivery, decideDelivery } from './decide-delivery.ts';
import { evaluatePolicy, type PolicyResult } from './evaluate-policy.ts';
import type { PolicyBook } from './policy-book.ts';
import type { PolicyFacts } from './policy-facts.ts';

export interface DeliveryAsk {
  readonly principal: Pick<Principal, 'id' | 'role'>;
  readonly camera: StreamableCamera;
  readonly request: StartRequest;
  readonly wishedProtocol: Protocol | undefined;
  readonly clientAddress: string | undefined;
}

/** What is supposed instead of what is. */
export interface Supposed {
  readonly nodeCpu?: number | undefined;
  readonly viewers?: number | undefined;
  readonly nowMs?: number | undefined;
  readonly rules?: readonly CompiledRule[] | undefined;
}

export interface Decided extends Delivery {
  readonly outcome: PolicyOutcome;
}

interface DeliveryPolicyOptions {
  readonly book: Pick<PolicyBook, 'of'>;
  readonly state: Pick<SharedState, 'counts'>;
  /** Of the least busy node, cores. */
  readonly nodeCpu: () => number | undefined;
  /** Name of the incident that a camera is part of. */
  readonly incidentOf: (cameraId: CameraId) => string | undefined;
  readonly hasBFrames: (camera: StreamableCamera, profile: ProfileName) => boolean;
  readonly clock: Pick<Clock, 'wallNow'>;
}

export class DeliveryPolicy {
  readonly #options: DeliveryPolicyOptions;

  constructor(options: DeliveryPolicyOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `denied_by_policy`, `reason_required` or `no_common_codec`. */
  async decide(ask: DeliveryAsk, supposed: Supposed = {}): Promise<Decided> {
    const { facts, rules } = await this.look(ask, supposed);
    return this.deliver(ask, evaluatePolicy(rules, facts));
  }

  /** What the rules are asked about. */
  async look(
    ask: DeliveryAsk,
    supposed: Supposed = {},
  ): Promise<{ readonly facts: PolicyFacts; readonly rules: readonly CompiledRule[] }> {
    const { book, clock, nodeCpu, state } = this.#options;
    const { camera } = ask;
    const [viewers] = await state.counts([`viewers ${camera.id}`]);
    return {
      facts: factsOf(ask, {
        nodeCpu: supposed.nodeCpu ?? nodeCpu(),
        viewers: supposed.viewers ?? viewers,
        nowMs: supposed.nowMs ?? clock.wallNow(),
      }),
      rules: supposed.rules ?? (await book.of(camera.tenantId)),
    };
  }

  deliver(ask: DeliveryAsk, policy: PolicyResult): Decided {
    const { camera, request, wishedProtocol } = ask;
    const delivery = decideDelivery({ request, wishedProtocol, profiles: camera.profiles, policy });
    const avoided = avoidBFrames({
      offers: delivery.offers,
      profiles: camera.profiles.map(({ name }) => name),
      isAskedFor: delivery.isAskedFor,
      hasBFrames: (profile) => this.#options.hasBFrames(camera, profile),
    });
    const incident = this.#options.incidentOf(camera.id);
    return {
      offers: avoided.offers,
      isAskedFor: delivery.isAskedFor,
      steps: [...delivery.steps, ...avoided.steps, ...incidentStep(incident)],
      // It matters more than anything else; what a rule denies stays denied.
      outcome: incident === undefined ? policy.outcome : { ...policy.outcome, tier: 0, preempt: true },
    };
  }
}

function incidentStep(name: string | undefined): DecisionStep[] {
  if (name === undefined) return [];
  const reason = `The camera is part of the incident ${name}.`;
  return [{ step: 'policy', result: 'tier 0', rule: 'incident', reason }];
}

/** What rules are asked about. */
export function factsOf(
  { camera, clientAddress, principal, request }: DeliveryAsk,
  now: {
    readonly nodeCpu: number | undefined;
    readonly viewers: number | undefined;
    readonly nowMs: number;
  },
): PolicyFacts {
  const { capabilities = {}, dashboard, network = {}, tile } = request;
  const sub = camera.profiles.find(({ name }) => name === 'sub');
  return {
    cameraId: camera.id,
    tags: camera.tags,
    groupIds: camera.groupIds,
    siteId: camera.siteId,
    kind: camera.kind,
    viewerId: principal.id,
    role: principal.role,
    address: clientAddress,
    dashboard,
    numbers: {
      'camera.tier': camera.tier,
      'camera.viewers': now.viewers,
      'network.rttMs': network.rttMs,
      'tile.width': tile?.width,
      'tile.height': tile?.height,
      'tile.count': tile?.tiles,
      'node.cpu': now.nodeCpu,
    },
    booleans: {
      'network.udp': network.udp,
      'client.webrtc': capabilities.webrtc,
      'client.hls': capabilities.hls,
      'client.h264': capabilities.h264,
      'client.h265': capabilities.h265,
      'tile.fits-sub':
        tile === undefined || sub?.width == null || sub.height == null
          ? undefined
          : sub.width >= tile.width && sub.height >= tile.height,
    },
    nowMs: now.nowMs,
  };
}
