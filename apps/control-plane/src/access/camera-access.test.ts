import '../../../../tests/support/property-seed.ts';
import {
  CameraId,
  type Grant,
  GroupId,
  HOME_TENANT,
  Role,
  SiteId,
  TenantId,
  UserId,
} from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CameraPlace,
  type CameraScope,
  cameraAccess,
  cameraScope,
  dependsOnTime,
} from './camera-access.ts';
import { LocalTimes } from './local-time.ts';
import type { Principal } from './principal.ts';

const times = new LocalTimes();
const NOON = Date.parse('2026-11-18T12:00:00Z');
const SEES_ALL: readonly Role[] = ['admin', 'auditor'];

const tenantId = fc.constantFrom(HOME_TENANT, TenantId.parse('other'));
const siteId = fc.constantFrom(SiteId.parse('s1'), SiteId.parse('s2'));
const groupId = fc.constantFrom(GroupId.parse('g1'), GroupId.parse('g2'), GroupId.parse('g3'));
const cameraId = fc.constantFrom(CameraId.parse('c1'), CameraId.parse('c2'), CameraId.parse('c3'));
const place: fc.Arbitrary<CameraPlace> = fc.record({
  id: cameraId,
  tenantId,
  siteId: fc.option(siteId),
  groupIds: fc.uniqueArray(groupId, { maxLength: 3 }),
});
const grant: fc.Arbitrary<Grant> = fc.record(
  {
    scope: fc.oneof(
      fc.constant({ kind: 'all' as const }),
      siteId.map((id) => ({ kind: 'site' as const, id })),
      groupId.map((id) => ({ kind: 'group' as const, id })),
      cameraId.map((id) => ({ kind: 'camera' as const, id })),
    ),
    until: fc.constantFrom('2026-11-18T11:00:00Z', '2026-11-18T13:00:00+00:00'),
    window: fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.constantFrom('00:00', '06:00', '12:00', '22:00'),
      to: fc.constantFrom('06:00', '12:01', '18:00'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
    }),
  },
  { requiredKeys: ['scope'] },
);
const principal: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constantFrom('user' as const, 'token' as const),
  id: fc.constant(UserId.parse('u')),
  name: fc.constant('U'),
  role: fc.constantFrom(...Role.options),
  tenantId,
  grants: fc.array(grant, { maxLength: 4 }),
  expiresAtMs: fc.constantFrom(undefined, undefined, NOON),
});
const nowMs = fc.integer({ min: -7 * 24 * 60, max: 7 * 24 * 60 }).map((minutes) => NOON + minutes * 60_000);

function admits(scope: CameraScope, camera: CameraPlace): boolean {
  if (scope.tenantId !== camera.tenantId) return false;
  if (scope.kind === 'all') return true;
  return (
    scope.cameraIds.includes(camera.id) ||
    (camera.siteId !== null && scope.siteIds.includes(camera.siteId)) ||
    camera.groupIds.some((id) => scope.groupIds.includes(id))
  );
}

describe('access to any camera', () => {
  it('is never given across tenants, whatever the role and the grants', () => {
    fc.assert(
      fc.property(principal, place, nowMs, (who, where, now) => {
        fc.pre(who.tenantId !== where.tenantId);
        expect(cameraAccess(who, where, { nowMs: now, times })).toMatchObject({
          allowed: false,
          rule: 'tenant',
        });
        expect(admits(cameraScope(who, { nowMs: now, times }), where)).toBe(false);
      }),
    );
  });

  it('is the same in a list as one by one', () => {
    fc.assert(
      fc.property(principal, place, nowMs, (who, where, now) => {
        const moment = { nowMs: now, times };
        expect(admits(cameraScope(who, moment), where)).toBe(cameraAccess(who, where, moment).allowed);
      }),
      { numRuns: 1000 },
    );
  });

  it('is never less with more grants', () => {
    fc.assert(
      fc.property(principal, fc.array(grant, { maxLength: 3 }), place, nowMs, (who, more, where, now) => {
        const moment = { nowMs: now, times };
        fc.pre(cameraAccess(who, where, moment).allowed);
        for (const grants of [
          [...who.grants, ...more],
          [...more, ...who.grants],
        ])
          expect(cameraAccess({ ...who, grants }, where, moment).allowed).toBe(true);
      }),
    );
  });

  it('is given by a grant or a role that sees all, and by nothing else', () => {
    fc.assert(
      fc.property(principal, place, nowMs, (who, where, now) => {
        const moment = { nowMs: now, times };
        const bare = cameraAccess({ ...who, expiresAtMs: undefined, grants: [] }, where, moment).allowed;
        expect(bare).toBe(SEES_ALL.includes(who.role) && who.tenantId === where.tenantId);
      }),
    );
  });

  it('does not change by time alone where nothing says so', () => {
    fc.assert(
      fc.property(principal, place, nowMs, nowMs, (who, where, one, other) => {
        fc.pre(!dependsOnTime(who));
        const at = (now: number) => cameraAccess(who, where, { nowMs: now, times }).allowed;
        expect(at(one)).toBe(at(other));
      }),
    );
  });
});

describe('access to a camera', () => {
  const camera: CameraPlace = {
    id: CameraId.parse('c1'),
    tenantId: HOME_TENANT,
    siteId: SiteId.parse('s1'),
    groupIds: [GroupId.parse('g1')],
  };
  const who = (grants: readonly Grant[]): Principal => ({
    kind: 'user',
    id: UserId.parse('u'),
    name: 'U',
    role: 'operator',
    tenantId: HOME_TENANT,
    grants,
  });
  const ask = (grants: readonly Grant[], now = NOON) =>
    cameraAccess(who(grants), camera, { nowMs: now, times });

  it('ends at the instant that a grant names', () => {
    const grants = [{ scope: { kind: 'all' as const }, until: '2026-11-18T13:00:00+01:00' }];
    expect(ask(grants, NOON - 1).allowed).toBe(true);
    expect(ask(grants, NOON)).toMatchObject({ allowed: false, rule: 'grant-not-now' });
  });

  it('ends with the token, also for a role that sees all', () => {
    const program = { ...who([{ scope: { kind: 'all' } }]), role: 'admin' as const, expiresAtMs: NOON };
    const at = (now: number) => cameraAccess(program, camera, { nowMs: now, times });
    expect(at(NOON - 1).allowed).toBe(true);
    expect(at(NOON)).toMatchObject({ allowed: false, rule: 'token-expired' });
  });

  it('says by which grant, and tells one that is not in force from none at all', () => {
    expect(ask([{ scope: { kind: 'group', id: GroupId.parse('g1') } }])).toMatchObject({
      rule: 'grant-group-g1',
    });
    expect(ask([{ scope: { kind: 'group', id: GroupId.parse('g2') } }])).toMatchObject({ rule: 'no-grant' });
    const over = { scope: { kind: 'all' as const }, until: '2020-01-01T00:00:00Z' };
    expect(ask([over])).toMatchObject({ rule: 'grant-not-now' });
    expect(ask([over, { scope: { kind: 'camera', id: camera.id } }])).toMatchObject({
      rule: 'grant-camera-c1',
    });
  });
});
