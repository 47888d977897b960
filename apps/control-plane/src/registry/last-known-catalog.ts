// In: the id of a camera. Out: what the registry says of it; with the database away, what it last said.
// Not its job: sparing the database (streams/cached-camera-catalog.ts).
import type { CameraId } from '@vedette/contracts';
import { type Clock, type Log, VedetteError } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { CameraCatalog, StreamableCamera } from '../streams/camera-catalog.ts';
import type { PathNames } from '../streams/path-names.ts';

interface LastKnownCatalogOptions {
  readonly source: CameraCatalog & PathNames & { all(): AsyncIterable<readonly StreamableCamera[]> };
  readonly bus: EventBus;
  /** Nothing can have changed in a database that does not answer. */
  readonly database: { readonly isAway: boolean };
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

const LOOK_MS = 5 * 60_000;

export class LastKnownCatalog implements CameraCatalog, PathNames {
  readonly #options: LastKnownCatalogOptions;
  #known = new Map<CameraId, StreamableCamera>();
  /** How often each has changed: an answer to an older question is given, not kept. */
  readonly #changes = new Map<CameraId, number>();
  #stop: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: LastKnownCatalogOptions) {
    this.#options = options;
  }

  /** Reads all cameras once, then again and again, so that also one that nobody has asked for can be started. */
  start(): void {
    const { bus, database } = this.#options;
    this.#stop = bus.subscribe(({ event }) => {
      if (event.type === 'camera.deleted') this.#drop(event.cameraId);
      // How a camera is doing is told by the same event, also while nothing can change in the database.
      else if (event.type === 'camera.changed' && !database.isAway) {
        this.#drop(event.cameraId);
        this.find(event.cameraId).catch(() => undefined);
      }
    });
    this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#cancel();
  }

  async find(cameraId: CameraId): Promise<StreamableCamera | undefined> {
    const changes = this.#changes.get(cameraId);
    let camera: StreamableCamera | undefined;
    try {
      camera = await this.#options.source.find(cameraId);
    } catch (error) {
      return this.#standIn(error, this.#known.get(cameraId));
    }
    if (camera === undefined) this.#known.delete(cameraId);
    else if (changes === this.#changes.get(cameraId)) this.#known.set(cameraId, camera);
    return camera;
  }

  async cameraNamed(pathName: string): Promise<CameraId | undefined> {
    try {
      return await this.#options.source.cameraNamed(pathName);
    } catch (error) {
      const named = [...this.#known.values()].find((camera) => camera.pathName === pathName);
      return this.#standIn(error, named?.id);
    }
  }

  async alwaysOn(): Promise<readonly StreamableCamera[]> {
    try {
      return await this.#options.source.alwaysOn();
    } catch (error) {
      const kept = [...this.#known.values()].filter(({ pull }) => pull === 'always-on');
      return this.#standIn(error, kept.length > 0 ? kept : undefined) ?? [];
    }
  }

  #standIn<T>(error: unknown, known: T | undefined): T {
    if (known === undefined || !(error instanceof VedetteError) || error.code !== 'unavailable') throw error;
    return known;
  }

  #drop(cameraId: CameraId): void {
    this.#known.delete(cameraId);
    this.#changes.set(cameraId, (this.#changes.get(cameraId) ?? 0) + 1);
  }

  #look(): void {
    if (this.#closed) return;
    this.#readAll()
      .catch((err: unknown) => {
        if (!this.#options.database.isAway)
          this.#options.log.warn({ err }, 'cameras could not be read ahead');
      })
      .finally(() => {
        if (!this.#closed) this.#cancel = this.#options.clock.after(LOOK_MS, () => this.#look());
      });
  }

  async #readAll(): Promise<void> {
    const read = new Map<CameraId, StreamableCamera>();
    const before = new Map(this.#changes);
    for await (const page of this.#options.source.all())
      for (const camera of page) read.set(camera.id, camera);
    for (const [id, changes] of this.#changes) {
      if (changes === before.get(id)) continue;
      const known = this.#known.get(id);
      if (known === undefined) read.delete(id);
      else read.set(id, known);
    }
    this.#known = read;
  }
}
