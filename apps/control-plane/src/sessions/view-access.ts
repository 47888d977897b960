import type { CameraId, UserId } from '@vedette/contracts';
import type { AccessDecision } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';

/** What streams and sessions ask of access control, beside the permission that a route names. */
export interface ViewAccess {
  /** Whether somebody may know of a camera and work with it, as far as the role goes. */
  decide(principal: Principal, cameraId: CameraId): Promise<AccessDecision>;
  mayView(principal: Principal, cameraId: CameraId): Promise<boolean>;
  /** A user or token as it is now; undefined when there is none any more. */
  who(id: UserId): Promise<Principal | undefined>;
  /** Of a user or token, for lists; undefined when there is none any more. */
  nameOf(id: UserId): Promise<string | undefined>;
}
