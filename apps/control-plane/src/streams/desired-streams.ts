import type { DesiredStream, Limits, StreamPath, TenantId } from '@vedette/contracts';
import type { SharedState, StreamRecord } from '../state/shared-state.ts';
import type { CachedCameraCatalog } from './cached-camera-catalog.ts';
import type { StreamableCamera } from './camera-catalog.ts';

interface Built {
  readonly fence: number;
  readonly ttlMs: number;
  readonly alwaysOn: boolean;
  readonly camera: StreamableCamera;
  readonly stream: DesiredStream;
}

interface DesiredStreamsOptions {
  readonly state: Pick<SharedState, 'streams'>;
  readonly catalog: Pick<CachedCameraCatalog, 'peek' | 'find'>;
  readonly limitsOf: (tenantId: TenantId) => Promise<Limits>;
}

/** Assigned streams with the sources of their cameras, as a node is told of them. */
export class DesiredStreams {
  readonly #options: DesiredStreamsOptions;
  /** What has not changed stays the same object, so that it need not be written out again. */
  readonly #built = new Map<StreamPath, Built>();

  constructor(options: DesiredStreamsOptions) {
    this.#options = options;
  }

  /** Streams whose camera or profile is gone are left out. Rejects when cameras cannot be looked up. */
  async build(assigned: readonly StreamRecord[]): Promise<readonly DesiredStream[]> {
    const { catalog } = this.#options;
    const desired: DesiredStream[] = [];
    for (const record of assigned) {
      const camera = catalog.peek(record.cameraId) ?? (await catalog.find(record.cameraId));
      const stream =
        camera === undefined ? undefined : this.#build(record, camera, await this.#maxViewers(camera));
      if (stream === undefined) this.#built.delete(record.path);
      else desired.push(stream);
    }
    return desired;
  }

  /** Forgets what was built for streams that exist no more. */
  async prune(): Promise<void> {
    const live = new Set((await this.#options.state.streams()).map((stream) => stream.path));
    for (const path of this.#built.keys()) if (!live.has(path)) this.#built.delete(path);
  }

  async #maxViewers({ tenantId }: StreamableCamera): Promise<number> {
    return (await this.#options.limitsOf(tenantId)).camera.webrtc;
  }

  #build(
    record: StreamRecord,
    camera: StreamableCamera,
    maxWebrtcViewers: number,
  ): DesiredStream | undefined {
    const { alwaysOn, fence, path, ttlMs } = record;
    const before = this.#built.get(path);
    if (
      before?.camera === camera &&
      before.fence === fence &&
      before.ttlMs === ttlMs &&
      before.alwaysOn === alwaysOn &&
      before.stream.maxWebrtcViewers === maxWebrtcViewers
    ) {
      return before.stream;
    }
    const source = camera.profiles.find((profile) => profile.name === record.profile)?.source;
    if (source === undefined) return undefined;
    const stream: DesiredStream = {
      path,
      cameraId: record.cameraId,
      profile: record.profile,
      source,
      fence,
      pull: alwaysOn ? 'always-on' : 'on-demand',
      idleTtlMs: ttlMs,
      maxWebrtcViewers,
      ...(camera.siteId === null ? {} : { site: camera.siteId }),
      ...(record.profile === 'main' && camera.outputs !== undefined && camera.outputs.length > 0
        ? { outputs: [...camera.outputs] }
        : {}),
    };
    this.#built.set(path, { fence, ttlMs, alwaysOn, camera, stream });
    return stream;
  }
}
