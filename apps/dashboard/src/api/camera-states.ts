// The latest state of every camera heard of. In: camera lists and live events. Out: one camera's state to whoever
// shows it, so that a change draws one row or tile and never a whole list.
import type { Camera, CameraId, CameraState, ReasonCode } from '@vedette/contracts';

export interface CameraHealth {
  readonly state: CameraState;
  readonly reason: ReasonCode;
  readonly detail: string | null;
  readonly viewers: number;
  /** Name of the audio codec; null without sound or while it is not known. */
  readonly audio: string | null;
  /** What a radio station says that it plays. */
  readonly nowPlaying: string | null;
}

export class CameraStates {
  readonly #health = new Map<CameraId, CameraHealth>();
  readonly #listeners = new Map<CameraId, Set<() => void>>();

  get(id: CameraId): CameraHealth | undefined {
    return this.#health.get(id);
  }

  /** A list or detail as just fetched. */
  seed(cameras: readonly Pick<Camera, 'id' | 'state' | 'reason' | 'viewers'>[]): void {
    for (const { id, state, reason, viewers } of cameras) {
      const before = this.#health.get(id);
      // Lists do not carry the camera's own words; keep them while they still belong to the same reason.
      const detail = before !== undefined && before.reason === reason ? before.detail : null;
      const audio = before?.audio ?? null;
      const nowPlaying = state === 'live' ? (before?.nowPlaying ?? null) : null;
      this.set(id, { state, reason, viewers, detail, audio, nowPlaying });
    }
  }

  set(id: CameraId, health: CameraHealth): void {
    const before = this.#health.get(id);
    if (before !== undefined && sameHealth(before, health)) return;
    this.#health.set(id, health);
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }

  delete(id: CameraId): void {
    if (this.#health.delete(id)) for (const listener of this.#listeners.get(id) ?? []) listener();
  }

  subscribe(id: CameraId, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(id, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }
}

function sameHealth(a: CameraHealth, b: CameraHealth): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.detail === b.detail &&
    a.viewers === b.viewers &&
    a.audio === b.audio &&
    a.nowPlaying === b.nowPlaying
  );
}
