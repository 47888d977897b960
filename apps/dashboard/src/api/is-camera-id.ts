import type { CameraId } from '@vedette/contracts';

/** Whether a text, out of an address or a rule, can be the id of a camera. */
export function isCameraId(text: string | undefined): text is CameraId {
  return text !== undefined && /^[a-z0-9]{1,40}$/.test(text);
}
