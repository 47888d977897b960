import type { CameraId, Role, UserId } from '@vedette/contracts';
import type { FastifyRequest } from 'fastify';

/** Who asks: a signed-in user, or an API token under its own id. */
export interface Caller {
  readonly id: UserId;
  readonly role: Role;
  /** Views it may have at once. */
  readonly viewLimit: number;
}

/** What streams and sessions ask of access control. */
export interface ViewAccess {
  /** Throws VedetteError `unauthenticated`, or `csrf_rejected` when a change was not sent by our page. */
  caller(request: FastifyRequest): Promise<Caller>;
  mayView(caller: Caller, cameraId: CameraId): Promise<boolean>;
  /** For lists; undefined when there is no such user any more. */
  nameOf(userId: UserId): Promise<string | undefined>;
}

/** May see and end what others watch. */
export function maySupervise(caller: Caller): boolean {
  return caller.role === 'admin' || caller.role === 'operator';
}
