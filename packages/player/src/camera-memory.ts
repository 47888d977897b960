// What the players of a page have learnt about cameras: which of their streams WebRTC cannot carry, and why.
// In: refusals of nodes. Out: the same answer for the next tile, so that no node is asked the same twice.
import type { CameraId, ProfileName, ReasonCode } from '@vedette/contracts';

export type Unfit = ReadonlyMap<ProfileName, ReasonCode>;

const NONE: Unfit = new Map();
const NEITHER: ReadonlySet<ProfileName> = new Set();
const MOST_CAMERAS = 2000;

export class CameraMemory {
  readonly #unfit = new Map<CameraId, Unfit>();
  readonly #soundNeeded = new Map<CameraId, ReadonlySet<ProfileName>>();

  /** Streams of the camera that a node would not send over WebRTC. */
  unfit(cameraId: CameraId): Unfit {
    return this.#unfit.get(cameraId) ?? NONE;
  }

  refused(cameraId: CameraId, profile: ProfileName, reason: ReasonCode): void {
    const known = new Map(this.unfit(cameraId)).set(profile, reason);
    this.#unfit.delete(cameraId);
    this.#unfit.set(cameraId, known);
    const [oldest] = this.#unfit.keys();
    if (this.#unfit.size > MOST_CAMERAS && oldest !== undefined) this.#unfit.delete(oldest);
  }

  /** Streams without a picture whose sound comes over WebRTC alone: HLS has it in a codec that this browser lacks. */
  soundNeeded(cameraId: CameraId): ReadonlySet<ProfileName> {
    return this.#soundNeeded.get(cameraId) ?? NEITHER;
  }

  /** WebRTC refused when no sound was asked for, and is worth another question. */
  needsSound(cameraId: CameraId, profile: ProfileName): void {
    const unfit = new Map(this.unfit(cameraId));
    unfit.delete(profile);
    this.#unfit.set(cameraId, unfit);
    this.#soundNeeded.set(cameraId, new Set(this.soundNeeded(cameraId)).add(profile));
    const [oldest] = this.#soundNeeded.keys();
    if (this.#soundNeeded.size > MOST_CAMERAS && oldest !== undefined) this.#soundNeeded.delete(oldest);
  }

  /** The camera was changed: it may send something else now. */
  forget(cameraId: CameraId): void {
    this.#unfit.delete(cameraId);
    this.#soundNeeded.delete(cameraId);
  }
}
