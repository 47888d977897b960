// Enters: what nodes say of cameras, and which nodes are lost. Leaves: news of streams; of cameras that move to
// another node only those that do not play there. Not its job: gathering and telling.
import type { CameraId, LiveEvent, ReasonCode } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { CameraNews } from './alert-gatherer.ts';

interface StreamNewsOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly onNews: (
    kind: Extract<CameraNews['kind'], `stream.${string}`>,
    cameraId: CameraId,
    reason: ReasonCode,
  ) => void;
}

type CameraState = Extract<LiveEvent, { type: 'camera.state' }>;

interface Moving {
  readonly wasLive: boolean;
  reason: ReasonCode;
  readonly cancel: () => void;
}

/** Cameras of a lost node play elsewhere well within this. */
export const MOVE_MS = 30_000;

export class StreamNews {
  readonly #options: StreamNewsOptions;
  readonly #streams = new Map<CameraId, 'live' | 'offline'>();
  readonly #moving = new Map<CameraId, Moving>();

  constructor(options: StreamNewsOptions) {
    this.#options = options;
  }

  /** The node of these cameras is lost: what happens to them now is told with it. */
  moved(cameras: Iterable<CameraId>): void {
    for (const cameraId of cameras) {
      this.#moving.get(cameraId)?.cancel();
      const cancel = this.#options.clock.after(MOVE_MS, () => this.#arrived(cameraId));
      const wasLive = this.#streams.get(cameraId) === 'live';
      this.#moving.set(cameraId, { wasLive, reason: 'node_lost', cancel });
    }
  }

  state({ cameraId, reason, state }: Pick<CameraState, 'cameraId' | 'state' | 'reason'>): void {
    const before = this.#streams.get(cameraId);
    if (state === 'live' || state === 'offline') this.#streams.set(cameraId, state);
    if (state === 'idle') this.#streams.delete(cameraId);
    const moving = this.#moving.get(cameraId);
    if (moving !== undefined) {
      moving.reason = reason;
      return;
    }
    const { onNews } = this.#options;
    if (state === 'live' && before !== 'live') onNews('stream.started', cameraId, reason);
    if (state === 'offline' && before !== 'offline') onNews('stream.error', cameraId, reason);
    if (state === 'idle' && before === 'live') onNews('stream.stopped', cameraId, reason);
  }

  forget(cameraId: CameraId): void {
    this.#streams.delete(cameraId);
    this.#moving.get(cameraId)?.cancel();
    this.#moving.delete(cameraId);
  }

  close(): void {
    for (const { cancel } of this.#moving.values()) cancel();
    this.#moving.clear();
  }

  #arrived(cameraId: CameraId): void {
    const moving = this.#moving.get(cameraId);
    this.#moving.delete(cameraId);
    const now = this.#streams.get(cameraId);
    if (moving?.wasLive !== true || now === 'live') return;
    this.#options.onNews(now === 'offline' ? 'stream.error' : 'stream.stopped', cameraId, moving.reason);
  }
}
