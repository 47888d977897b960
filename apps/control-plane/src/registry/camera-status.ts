import type { CameraId, CameraState, ReasonCode } from '@vedette/contracts';

export interface CameraStatus {
  readonly state: CameraState;
  readonly reason: ReasonCode;
  readonly viewers: number;
}

/** How a camera's streams are doing right now; answered from memory. */
export interface CameraStatusPort {
  status(id: CameraId): CameraStatus;
}
