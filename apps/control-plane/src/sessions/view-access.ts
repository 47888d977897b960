import type { CameraId, UserId } from '@vedette/contracts';
import type { Principal } from '../access/principal.ts';

/** What streams and sessions ask of access control, beside the permission that a route names. */
export interface ViewAccess {
  mayView(principal: Principal, cameraId: CameraId): Promise<boolean>;
  /** Of a user or token, for lists; undefined when there is none any more. */
  nameOf(id: UserId): Promise<string | undefined>;
}
