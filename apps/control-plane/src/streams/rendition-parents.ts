// Keeps the stream that a rendition is made of on the rendition's node, as long as there is the rendition.

import type { BudgetBook } from '../admission/budget-book.ts';
import type { SharedState, StreamRecord } from '../state/shared-state.ts';
import { type CameraCatalog, type StreamableCamera, streamToRun } from './camera-catalog.ts';

interface RenditionParentsOptions {
  readonly state: Pick<SharedState, 'ensureStream'>;
  /** What runs on the nodes that this process leads. */
  readonly running: () => Iterable<Pick<StreamRecord, 'cameraId' | 'nodeId' | 'profile'>>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly budgets: Pick<BudgetBook, 'of'>;
}

/** Until the next look at least, whatever the camera's own time to live. */
const HOLD_MS = 1000;

export class RenditionParents {
  readonly #options: RenditionParentsOptions;

  constructor(options: RenditionParentsOptions) {
    this.#options = options;
  }

  /** No-op for a stream that is made of no other. */
  async ensure(
    camera: StreamableCamera,
    stream: Pick<StreamRecord, 'nodeId' | 'profile'>,
    nowMs: number,
  ): Promise<void> {
    const source = camera.profiles.find(({ name }) => name === stream.profile)?.source;
    if (source?.kind !== 'rendition') return;
    const budgets = await this.#options.budgets.of(camera, true);
    const parent = streamToRun(camera, 'main', budgets);
    if (parent === undefined) return;
    const holdMs = parent.ttlMs + HOLD_MS;
    await this.#options.state.ensureStream({
      stream: parent,
      budgets,
      ranking: [stream.nodeId],
      nowMs,
      holdMs,
    });
  }

  /** For all that run now. */
  async renew(nowMs: number): Promise<void> {
    for (const stream of this.#options.running()) {
      if (stream.profile === 'main') continue;
      const camera = await this.#options.catalog.find(stream.cameraId);
      if (camera !== undefined) await this.ensure(camera, stream, nowMs);
    }
  }
}
