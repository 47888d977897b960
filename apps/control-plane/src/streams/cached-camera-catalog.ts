import type { CameraId } from '@vedette/contracts';
import type { EventBus } from '../events/event-bus.ts';
import type { CameraCatalog, StreamableCamera } from './camera-catalog.ts';

const MAX_CAMERAS = 20_000;

/**
 * Spares the database at every start and every message to a node, and bridges its failure. An answer holds until
 * `camera.changed` or `camera.deleted` is published.
 */
export class CachedCameraCatalog implements CameraCatalog {
  readonly #source: CameraCatalog;
  readonly #kept = new Map<CameraId, StreamableCamera>();
  readonly #asking = new Map<CameraId, Promise<StreamableCamera | undefined>>();

  constructor(options: { readonly source: CameraCatalog; readonly bus: EventBus }) {
    this.#source = options.source;
    options.bus.subscribe(({ event }) => {
      if (event.type !== 'camera.changed' && event.type !== 'camera.deleted') return;
      this.#kept.delete(event.cameraId);
      this.#asking.delete(event.cameraId);
    });
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#kept.clear();
    this.#asking.clear();
  }

  /** The kept answer, if there is one. */
  peek(cameraId: CameraId): StreamableCamera | undefined {
    return this.#kept.get(cameraId);
  }

  async find(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    return this.#kept.get(cameraId) ?? this.#asking.get(cameraId) ?? this.#ask(cameraId);
  }

  alwaysOn(): Promise<readonly StreamableCamera[]> {
    return this.#source.alwaysOn();
  }

  #ask(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    /** False when the camera was changed meanwhile: the answer is then given, not kept. */
    const settle = () => this.#asking.get(cameraId) === asking && this.#asking.delete(cameraId);
    const asking: Promise<StreamableCamera | undefined> = this.#source.find(cameraId).then(
      (camera) => {
        if (settle() && camera !== undefined) {
          if (this.#kept.size >= MAX_CAMERAS) this.#kept.clear();
          this.#kept.set(cameraId, camera);
        }
        return camera;
      },
      (error: unknown) => {
        settle();
        throw error;
      },
    );
    this.#asking.set(cameraId, asking);
    return asking;
  }
}
