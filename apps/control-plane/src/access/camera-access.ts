// Enters: who asks, where a camera belongs, the time. Leaves: whether they may work with it, and by which grant.
// Not its job: what may be done with it (permission.ts).
import type { CameraId, Grant, GroupId, SiteId, TenantId } from '@vedette/contracts';
import type { LocalTimes } from './local-time.ts';
import type { AccessDecision } from './permission.ts';
import type { Principal } from './principal.ts';

/** Where a camera belongs. */
export interface CameraPlace {
  readonly id: CameraId;
  readonly tenantId: TenantId;
  readonly siteId: SiteId | null;
  readonly groupIds: readonly GroupId[];
}

export interface Moment {
  readonly nowMs: number;
  readonly times: LocalTimes;
}

/** Cameras that somebody may work with now. */
export type CameraScope =
  | { readonly kind: 'all'; readonly tenantId: TenantId }
  | {
      readonly kind: 'some';
      readonly tenantId: TenantId;
      readonly siteIds: readonly SiteId[];
      readonly groupIds: readonly GroupId[];
      readonly cameraIds: readonly CameraId[];
    };

/** Answers for any camera, of whichever tenant. */
export function cameraAccess(principal: Principal, place: CameraPlace, moment: Moment): AccessDecision {
  const refuse = (rule: string, reason: string): AccessDecision => ({
    allowed: false,
    code: 'forbidden',
    rule,
    reason,
  });
  if (principal.tenantId !== place.tenantId) return refuse('tenant', 'the camera belongs to another tenant');
  if (isOver(principal, moment)) return refuse('token-expired', 'the token has expired');
  if (seesAll(principal))
    return { allowed: true, rule: `role-${principal.role}`, reason: 'the role sees every camera' };
  let outside: Grant | undefined;
  for (const grant of principal.grants) {
    if (!covers(grant, place)) continue;
    if (!isInForce(grant, moment)) outside = grant;
    else {
      const { scope } = grant;
      const rule = scope.kind === 'all' ? 'grant-all' : `grant-${scope.kind}-${scope.id}`;
      return {
        allowed: true,
        rule,
        reason: `a grant covers ${scope.kind === 'all' ? 'every camera' : `this ${scope.kind}`}`,
      };
    }
  }
  return outside === undefined
    ? refuse('no-grant', 'no grant covers this camera')
    : refuse('grant-not-now', 'the grant for this camera does not hold at this time');
}

/** The same for lists. */
export function cameraScope(principal: Principal, moment: Moment): CameraScope {
  const { tenantId } = principal;
  const over = isOver(principal, moment);
  const inForce = over ? [] : principal.grants.filter((grant) => isInForce(grant, moment));
  if ((seesAll(principal) && !over) || inForce.some(({ scope }) => scope.kind === 'all'))
    return { kind: 'all', tenantId };
  return {
    kind: 'some',
    tenantId,
    siteIds: inForce.flatMap(({ scope }) => (scope.kind === 'site' ? [scope.id] : [])),
    groupIds: inForce.flatMap(({ scope }) => (scope.kind === 'group' ? [scope.id] : [])),
    cameraIds: inForce.flatMap(({ scope }) => (scope.kind === 'camera' ? [scope.id] : [])),
  };
}

/** Whether what somebody may see can change by time alone. */
export function dependsOnTime({ expiresAtMs, grants }: Pick<Principal, 'expiresAtMs' | 'grants'>): boolean {
  return (
    expiresAtMs !== undefined ||
    grants.some(({ until, window }) => until !== undefined || window !== undefined)
  );
}

function isOver({ expiresAtMs }: Principal, { nowMs }: Moment): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function seesAll({ role }: Principal): boolean {
  return role === 'admin' || role === 'auditor';
}

function covers({ scope }: Grant, place: CameraPlace): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'site':
      return place.siteId === scope.id;
    case 'group':
      return place.groupIds.includes(scope.id);
    case 'camera':
      return place.id === scope.id;
  }
}

function isInForce({ until, window }: Grant, { nowMs, times }: Moment): boolean {
  if (until !== undefined && Date.parse(until) <= nowMs) return false;
  return window === undefined || times.isWithin(window, nowMs);
}
