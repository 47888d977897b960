import { type Grant, GroupId, SiteId, TenantId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { ADMIN, ALICE, somebody, VICTOR } from '../../../../tests/support/viewing-harness.ts';
import type { Principal } from '../access/principal.ts';
import { viewingFixture } from '../streams/viewing.fixture.ts';

const setUp = viewingFixture();
const NORTH = SiteId.parse('north');
const SOUTH = SiteId.parse('south');
const GATES = GroupId.parse('gates');

/** Somebody whose grants a test changes; what he watches is at his node. */
async function watching(
  grants: readonly Grant[],
  camera: object = { siteId: NORTH },
  change: Partial<Principal> = {},
) {
  const person: Principal = { ...somebody('Bob', 'operator'), grants, ...change };
  const people = new Map<string, Principal>([[person.id, person]]);
  const world = await setUp({ who: (id) => people.get(id) });
  world.catalog.add('c1', camera);
  world.bus.publish({ type: 'camera.changed', cameraId: world.catalog.add('c1', camera).id });
  const answer = await world.start('c1', { by: person });
  world.node.open(answer, person.id);
  await world.clock.pass(20);
  const seen = () => world.node.engine.sessions.filter(({ userId }) => userId === person.id).length;
  expect(seen()).toBe(1);
  return {
    ...world,
    answer,
    person,
    seen,
    become(change: Partial<Principal>) {
      people.set(person.id, { ...person, ...change });
    },
  };
}

describe('a view that is no longer allowed', () => {
  it('is cut at its node as soon as the grant is taken away', async () => {
    const { become, clock, person, seen, viewing } = await watching([{ scope: { kind: 'site', id: NORTH } }]);
    become({ grants: [{ scope: { kind: 'site', id: SOUTH } }] });
    await viewing.reviewViewsOfUser(person.id);
    await clock.pass(30);
    expect(seen()).toBe(0);
  });

  it('goes on where another grant covers it', async () => {
    const { become, clock, person, seen, viewing } = await watching(
      [{ scope: { kind: 'site', id: NORTH } }],
      {
        siteId: NORTH,
        groupIds: [GATES],
      },
    );
    become({ grants: [{ scope: { kind: 'group', id: GATES } }] });
    await viewing.reviewViewsOfUser(person.id);
    await clock.pass(5000);
    expect(seen()).toBe(1);
  });

  it('ends within five seconds of the end of its hours, and of its date', async () => {
    for (const limit of ['window', 'until'] as const) {
      const probe = await setUp();
      const soon = new Date(probe.clock.wallNow() + 60_000);
      const to = soon.toISOString().slice(11, 16);
      const grant: Grant =
        limit === 'until'
          ? { scope: { kind: 'all' }, until: soon.toISOString() }
          : {
              scope: { kind: 'all' },
              window: { days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to, timeZone: 'UTC' },
            };
      const { clock, seen } = await watching([grant]);
      await clock.pass(30_000);
      expect(seen(), limit).toBe(1);
      await clock.pass(35_000);
      expect(seen(), limit).toBe(0);
    }
  });

  it('ends within five seconds of the end of its token', async () => {
    const { clock: probe } = await setUp();
    const expiresAtMs = probe.wallNow() + 60_000;
    const { clock, seen } = await watching([{ scope: { kind: 'all' } }], {}, { kind: 'token', expiresAtMs });
    await clock.pass(30_000);
    expect(seen()).toBe(1);
    await clock.pass(35_000);
    expect(seen()).toBe(0);
  });

  it('ends when its camera moves to where nobody has let him look', async () => {
    const { bus, catalog, clock, seen } = await watching([{ scope: { kind: 'site', id: NORTH } }]);
    const { id } = catalog.add('c1', { siteId: SOUTH });
    bus.publish({ type: 'camera.changed', cameraId: id });
    await clock.pass(50);
    expect(seen()).toBe(0);
  });

  it('ends with the account, and does not come back by the token that the player still has', async () => {
    const { answer, clock, node, person, seen, viewing } = await watching([{ scope: { kind: 'all' } }]);
    await viewing.endViewsOfUser(person.id);
    await clock.pass(30);
    expect(seen()).toBe(0);
    expect(node.open(answer, person.id)).toBe(false);
  });
});

describe('views of others', () => {
  it('are neither renewed nor ended by whoever may not see their camera', async () => {
    const { answer, node, viewing } = await watching([{ scope: { kind: 'all' } }]);
    const stranger = { ...ADMIN, tenantId: TenantId.parse('other') };
    const { sessionId } = answer;
    await expect(viewing.sessions.renew(ALICE, sessionId)).rejects.toMatchObject({
      code: 'session_not_found',
    });
    await expect(viewing.sessions.end(stranger, sessionId, 'test')).rejects.toMatchObject({
      code: 'session_not_found',
    });
    await viewing.streams.stop(stranger, answer.cameraId, sessionId, 'test');
    await viewing.streams.stop(VICTOR, answer.cameraId, sessionId, 'test');
    await expect(viewing.streams.stopAll(stranger, answer.cameraId, 'test')).rejects.toMatchObject({
      code: 'camera_not_found',
    });
    expect(await viewing.sessions.list(stranger, { limit: 10 })).toEqual([]);
    expect(node.engine.sessions).toHaveLength(1);
    await viewing.sessions.end(ADMIN, sessionId, 'test');
    expect(await viewing.sessions.list(ADMIN, { limit: 10 })).toEqual([]);
  });

  it('are listed page by page, as far as the cameras may be seen', async () => {
    const world = await setUp();
    const { catalog, start, viewing } = world;
    for (let i = 0; i < 6; i++) {
      catalog.add(`k${i}`, { siteId: i % 2 === 0 ? NORTH : SOUTH });
      await start(`k${i}`);
    }
    const keeper = {
      ...ADMIN,
      role: 'site-admin' as const,
      grants: [{ scope: { kind: 'site' as const, id: NORTH } }],
    };
    const first = await viewing.sessions.list(keeper, { limit: 2 });
    const rest = await viewing.sessions.list(keeper, { limit: 2, after: first.at(-1)?.order ?? 0 });
    expect([...first, ...rest].map(({ cameraId }) => cameraId)).toEqual(['k0', 'k2', 'k4']);
  });
});
