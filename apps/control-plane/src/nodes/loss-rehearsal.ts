// Enters: the name of a node. Leaves: what would become of what runs there, from the live state.
import type { NodeId, Rehearsal } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { AdmissionLimits } from '../admission/admit-view.ts';
import { rehearseLoss, type StreamAtRisk, type Survivor } from '../placement/rehearse-loss.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { CameraCatalog } from '../streams/camera-catalog.ts';
import type { NodeDirectory } from './node-directory.ts';

interface LossRehearsalOptions {
  readonly state: Pick<SharedState, 'counts' | 'streamCounts' | 'streams' | 'views'>;
  readonly directory: Pick<NodeDirectory, 'get' | 'ready'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly limits: Pick<AdmissionLimits, 'hlsViewsPerNode'>;
}

export class LossRehearsal {
  readonly #options: LossRehearsalOptions;

  constructor(options: LossRehearsalOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `not_found`. */
  async rehearse(nodeId: NodeId): Promise<Rehearsal> {
    const { catalog, directory, state } = this.#options;
    if (directory.get(nodeId) === undefined) throw new VedetteError('not_found');
    const [streams, views] = await Promise.all([state.streams({ nodeId }), state.views({ nodeId })]);
    const reported = directory.get(nodeId)?.report?.streams ?? [];
    const atRisk: StreamAtRisk[] = [];
    for (const stream of streams) {
      const camera = await catalog.find(stream.cameraId);
      if (camera === undefined) continue;
      atRisk.push({
        stream,
        camera,
        views: views.filter(({ path }) => path === stream.path),
        keyFrameIntervalMs: reported.find(({ path }) => path === stream.path)?.keyFrameIntervalMs ?? null,
      });
    }
    return rehearseLoss(nodeId, atRisk, await this.#survivors(nodeId));
  }

  async #survivors(dead: NodeId): Promise<Survivor[]> {
    const { directory, limits, state } = this.#options;
    const loads = await state.streamCounts();
    const nodes = directory.ready().filter(({ hello }) => hello.nodeId !== dead);
    return Promise.all(
      nodes.map(async ({ hello: { labels, maxWebrtcViewers, nodeId: id } }) => {
        const [webrtc = 0, hls = 0] = await state.counts([`node ${id} webrtc`, `node ${id} hls`]);
        return {
          id,
          labels,
          weight: Math.max(1, maxWebrtcViewers),
          streams: loads.get(id) ?? 0,
          webrtc: { views: webrtc, max: maxWebrtcViewers },
          hls: { views: hls, max: limits.hlsViewsPerNode },
        };
      }),
    );
  }
}
