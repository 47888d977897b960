// Keeps the stream that a rendition is made of on the rendition's node, as long as there is the rendition.
import type { SharedState, StreamRecord } from '../state/shared-state.ts';
import type { CameraCatalog, StreamableCamera } from './camera-catalog.ts';

interface RenditionParentsOptions {
  readonly state: Pick<SharedState, 'streams' | 'ensureStream'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
}

/** Until the next look at least, whatever the camera's own time to live. */
const HOLD_MS = 1000;

export class RenditionParents {
  readonly #options: RenditionParentsOptions;

  constructor(options: RenditionParentsOptions) {
    this.#options = options;
  }

  /** No-op for a stream that is made of no other. */
  async ensure(camera: StreamableCamera, stream: StreamRecord, nowMs: number): Promise<void> {
    const source = camera.profiles.find(({ name }) => name === stream.profile)?.source;
    if (source?.kind !== 'rendition') return;
    await this.#options.state.ensureStream({
      stream: {
        path: source.of,
        cameraId: camera.id,
        profile: 'main',
        ttlMs: camera.idleTtlSeconds * 1000,
        alwaysOn: camera.pull === 'always-on',
      },
      ranking: [stream.nodeId],
      nowMs: nowMs + HOLD_MS,
    });
  }

  /** For all that run now. */
  async renew(nowMs: number): Promise<void> {
    for (const stream of await this.#options.state.streams()) {
      if (stream.profile === 'main') continue;
      const camera = await this.#options.catalog.find(stream.cameraId);
      if (camera !== undefined) await this.ensure(camera, stream, nowMs);
    }
  }
}
