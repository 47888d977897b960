// Whose sound is heard. In: what the operator does at a tile. Out: the cameras that are not muted; one at a time, unless
// a second one is asked for beside it.
import type { CameraId } from '@vedette/contracts';

export class WallSound {
  #heard: ReadonlySet<CameraId> = new Set();
  readonly #listeners = new Set<() => void>();

  isHeard(cameraId: CameraId): boolean {
    return this.#heard.has(cameraId);
  }

  /** `alongside` leaves what is heard already as it is. */
  toggle(cameraId: CameraId, alongside: boolean): void {
    const others = alongside ? [...this.#heard].filter((id) => id !== cameraId) : [];
    this.#set(this.#heard.has(cameraId) ? others : [...others, cameraId]);
  }

  /** The camera left the wall, or the browser would not let it be heard. */
  mute(cameraId: CameraId): void {
    if (this.#heard.has(cameraId)) this.#set([...this.#heard].filter((id) => id !== cameraId));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(heard: readonly CameraId[]): void {
    this.#heard = new Set(heard);
    for (const listener of this.#listeners) listener();
  }
}
