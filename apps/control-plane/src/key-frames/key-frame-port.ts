import type { CameraId, ProfileName } from '@vedette/contracts';

/** Whoever can make a camera's encoder send a key frame. */
export interface KeyFramePort {
  /**
   * `asked` once the camera has agreed, `impossible` when it knows no such request or refused one lately.
   * Rejects when it does not answer, or refuses.
   */
  ask(cameraId: CameraId, profile: ProfileName, signal: AbortSignal): Promise<'asked' | 'impossible'>;
}
