// Enters: who wants to watch what, by which protocols. Leaves: a reserved view on a node, or a refusal with its reason.
// Not its job: which protocols and profile (policy), whether the caller may see the camera (access).
import type { DecisionStep, NodeId, ProfileName, Protocol, SessionId } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { Principal } from '../access/principal.ts';
import type { KnownNode, NodeDirectory } from '../nodes/node-directory.ts';
import { placeStream } from '../placement/place-stream.ts';
import type {
  EndedView,
  FullProtocol,
  OpenView,
  OpenViewResult,
  SharedState,
  StreamRecord,
  ViewLimits,
  ViewRecord,
} from '../state/shared-state.ts';
import { isAlwaysOn, type StreamableCamera, streamPath } from '../streams/camera-catalog.ts';

export interface AdmissionLimits {
  readonly viewsPerCamera: ViewLimits;
  /** For WebRTC each node names its own. */
  readonly hlsViewsPerNode: number;
  readonly rtspViewsPerNode: number;
  /** Of one person, by whatever browsers; of one program's token. */
  readonly viewsPerUser: number;
  readonly viewsPerToken: number;
}

export const DEFAULT_LIMITS: AdmissionLimits = {
  viewsPerCamera: { webrtc: 100, hls: 10_000, rtsp: 20 },
  hlsViewsPerNode: 10_000,
  rtspViewsPerNode: 200,
  viewsPerUser: 50,
  viewsPerToken: 500,
};

export interface AdmissionRequest {
  readonly sessionId: SessionId;
  readonly principal: Principal;
  readonly camera: StreamableCamera;
  readonly profile: ProfileName;
  /** Best first. */
  readonly protocols: readonly Protocol[];
  readonly idempotencyKey: string | undefined;
}

export interface Admitted {
  readonly view: ViewRecord;
  readonly stream: StreamRecord;
  /** The view was there already, by its idempotency key. */
  readonly repeated: boolean;
  readonly steps: readonly DecisionStep[];
  /** Views of others that ended because the stream had to leave a lost node. */
  readonly ended: readonly EndedView[];
}

/** Start timeout of 10 s, and what a slow browser or a change of protocol adds. */
const CONNECT_WITHIN_MS = 15_000;
/** A node whose connection broke is back this soon, or starts its life anew. */
const NODE_WITHIN_MS = 1000;
const RETRY_AFTER_SECONDS = 5;

interface AdmissionOptions {
  readonly state: Pick<SharedState, 'openView' | 'streamCounts' | 'streams'>;
  readonly directory: Pick<NodeDirectory, 'usable' | 'readySoon' | 'settled'>;
  readonly clock: Pick<Clock, 'wallNow'>;
  readonly limits: AdmissionLimits;
}

export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `no_node`, `quota_exceeded` or `at_capacity`. */
  async admit(request: AdmissionRequest): Promise<Admitted> {
    const { directory, limits, state } = this.#options;
    const { camera, principal } = request;
    const quotaLimit = principal.kind === 'user' ? limits.viewsPerUser : limits.viewsPerToken;
    let result = await state.openView(this.#ask(request, quotaLimit, []));
    if (result.outcome === 'unplaced') {
      await directory.settled;
      const nodes = (await directory.readySoon(NODE_WITHIN_MS)).map(weigh);
      const ranking = besideItsOwn(
        placeStream(nodes, camera.id, await state.streamCounts()),
        await state.streams({ cameraId: camera.id }),
      );
      result = await state.openView(this.#ask(request, quotaLimit, ranking));
    }
    return answer(result, quotaLimit);
  }

  #ask(request: AdmissionRequest, quotaLimit: number, ranking: readonly NodeId[]): OpenView {
    const { clock, directory, limits } = this.#options;
    const { camera, principal, profile } = request;
    const nowMs = clock.wallNow();
    return {
      sessionId: request.sessionId,
      userId: principal.id,
      quotaLimit,
      stream: {
        path: streamPath(camera.id, profile),
        cameraId: camera.id,
        profile,
        ttlMs: camera.idleTtlSeconds * 1000,
        alwaysOn: isAlwaysOn(camera, profile),
      },
      protocols: request.protocols,
      cameraLimits: limits.viewsPerCamera,
      nodes: new Map(
        directory.usable().map(({ hello }) => [
          hello.nodeId,
          {
            webrtc: hello.maxWebrtcViewers,
            hls: limits.hlsViewsPerNode,
            rtsp: limits.rtspViewsPerNode,
          },
        ]),
      ),
      ranking,
      idempotencyKey: request.idempotencyKey,
      nowMs,
      connectBeforeMs: nowMs + CONNECT_WITHIN_MS,
    };
  }
}

/** Streams of one camera run together: one is made of the other, and the camera sees one visitor. */
function besideItsOwn(ranking: readonly NodeId[], own: readonly StreamRecord[]): readonly NodeId[] {
  const home = own.find(({ nodeId }) => ranking.includes(nodeId))?.nodeId;
  return home === undefined ? ranking : [home, ...ranking.filter((nodeId) => nodeId !== home)];
}

function weigh({ hello }: KnownNode): { id: NodeId; weight: number } {
  return { id: hello.nodeId, weight: Math.max(1, hello.maxWebrtcViewers) };
}

function answer(result: OpenViewResult, quotaLimit: number): Admitted {
  switch (result.outcome) {
    case 'unplaced':
      throw new VedetteError('no_node', { retryAfterSeconds: 2 });
    case 'quota':
      throw new VedetteError('quota_exceeded', {
        detail: `You are watching ${quotaLimit} cameras already, which is your allowance.`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    case 'full':
      throw new VedetteError('at_capacity', {
        detail: result.full.map(describeFull).join(' '),
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    case 'repeated': {
      const { stream, view } = result;
      const steps = [
        step('admission', view.protocol, 'repeated', 'The same request has opened this view already.'),
        step('placement', view.nodeId, 'sticky', 'The view runs there already.'),
      ];
      return { view, stream, repeated: true, steps, ended: [] };
    }
    case 'opened': {
      const { ended, full, placed, stream, view } = result;
      const steps = [
        full.length === 0
          ? step('admission', view.protocol, 'room', 'Camera, node and allowance have room.')
          : step('admission', view.protocol, `${full[0]?.limit}-full`, full.map(describeFull).join(' ')),
        placed
          ? step(
              'placement',
              view.nodeId,
              'rendezvous',
              'Nobody was watching; this is its node by hash and load.',
            )
          : step('placement', view.nodeId, 'sticky', 'The camera runs there already.'),
      ];
      return { view, stream, repeated: false, steps, ended };
    }
  }
}

function describeFull({ limit, protocol }: FullProtocol): string {
  const name = { webrtc: 'WebRTC', hls: 'HLS', rtsp: 'RTSP' }[protocol];
  return limit === 'camera'
    ? `As many viewers as allowed watch this camera over ${name}.`
    : `The media node serves as many ${name} viewers as it bears.`;
}

function step(name: DecisionStep['step'], result: string, rule: string, reason: string): DecisionStep {
  return { step: name, result, rule, reason };
}
