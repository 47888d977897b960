import { HOME_TENANT, SiteId, TenantId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALICE, ROBOT, VICTOR } from '../../../../tests/support/viewing-harness.ts';
import { viewingFixture } from '../streams/viewing.fixture.ts';
import { DEFAULT_TENANT_LIMITS } from './limits-store.ts';
import { groupKey, quotaGroupOf, tenantCounters } from './quota-group.ts';

const setUp = viewingFixture();
const NORTH = SiteId.parse('north');

describe('agency quotas', () => {
  const quotaGroups = [
    { name: 'police', pattern: 'police_*', maxViews: 2 },
    { name: 'metro', pattern: 'metro_*', maxViews: 1 },
    { name: 'other', pattern: '*', maxViews: 5 },
  ];

  it('belong to the first pattern that fits the path name', () => {
    expect(quotaGroupOf(quotaGroups, 'police_17')?.name).toBe('police');
    expect(quotaGroupOf(quotaGroups, 'policeman')?.name).toBe('other');
    expect(quotaGroupOf(quotaGroups.slice(0, 2), 'cam_x')).toBeUndefined();
    expect(quotaGroupOf([{ name: 'x', pattern: 'a*b*c', maxViews: 1 }], 'a1b2c')?.name).toBe('x');
    expect(quotaGroupOf([{ name: 'x', pattern: 'ab*ba', maxViews: 1 }], 'aba')).toBeUndefined();
  });

  it('fit a name by their pattern exactly as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(name);
        expect(quotaGroupOf([{ name: 'g', pattern: glob, maxViews: 1 }], name) !== undefined).toBe(expected);
      }),
    );
  });

  it('count what each of them watches, and all of them together', async () => {
    const { catalog, start } = await setUp({ tenantLimits: { quotaGroups, quotaTotal: 3 } });
    for (const name of ['police_1', 'police_2', 'metro_1', 'other1'])
      catalog.add(name.replace('_', ''), { pathName: name });
    await start('police1');
    await start('police2', { by: VICTOR });
    await expect(start('police1')).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('police'),
    });
    const metro = await start('metro1');
    await expect(start('other1')).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(metro.decision.map(({ rule }) => rule)).toContain('room');
  });

  it('are given back with the view', async () => {
    const { catalog, clock, start, state, viewing } = await setUp({ tenantLimits: { quotaGroups } });
    catalog.add('metro1', { pathName: 'metro_1' });
    const first = await start('metro1');
    await expect(start('metro1')).rejects.toMatchObject({ code: 'quota_exceeded' });
    await viewing.streams.stop(ALICE, first.cameraId, first.sessionId, 'test');
    await start('metro1');
    await clock.pass(16_000);
    expect(await state.counts([groupKey(HOME_TENANT, 'metro')])).toEqual([0]);
  });

  it('of one tenant are nothing to another', () => {
    const keys = (tenant: string) =>
      tenantCounters(TenantId.parse(tenant), { ...DEFAULT_TENANT_LIMITS, quotaGroups }, 'police_1').map(
        ({ key }) => key,
      );
    expect(keys('one').filter((key) => keys('two').includes(key))).toEqual([]);
  });
});

describe('a tenant', () => {
  it('watches no more than it may, whoever asks', async () => {
    const { start } = await setUp({ tenantLimits: { tenantViews: 2 } });
    await start('c1');
    await start('c1', { by: ROBOT });
    await expect(start('c1', { by: VICTOR })).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('organisation'),
    });
  });
});

describe('a device', () => {
  it('of one connection is pulled once, and whoever asks for its other stream shares that', async () => {
    const { catalog, node, start } = await setUp();
    catalog.add('c1', { maxConnections: 1 });
    const small = await start('c1', { request: { profile: 'sub' } });
    expect(small.profile).toBe('sub');
    await expect(start('c1', { request: { profile: 'main' } })).rejects.toMatchObject({
      code: 'at_capacity',
      message: expect.stringContaining('no further connection'),
    });
    expect(node.paths).toEqual(['cam_c1_sub']);
  });

  it('whose one connection nobody uses any more gives it to the stream that is wanted', async () => {
    const { catalog, clock, node, start, viewing } = await setUp();
    catalog.add('c1', { maxConnections: 1 });
    const small = await start('c1', { request: { profile: 'sub' } });
    await viewing.streams.stop(ALICE, small.cameraId, small.sessionId, 'test');
    const wanted = start('c1', { request: { profile: 'main' } });
    await clock.pass(1200);
    expect((await wanted).profile).toBe('main');
    expect(node.paths).toEqual(['cam_c1']);
  });

  it('of several keeps one free for what is urgent, and a recorder counts all of its cameras', async () => {
    const { catalog, start } = await setUp({
      recorders: [{ tenantId: HOME_TENANT, host: 'nvr', maxConnections: 3 }],
    });
    for (const id of ['a', 'b', 'c']) catalog.add(id, { host: 'nvr' });
    await start('a');
    await start('b');
    await start('a', { by: VICTOR });
    await expect(start('c')).rejects.toMatchObject({ code: 'at_capacity' });
  });
});

describe('the line to a site', () => {
  it('carries as many streams as it bears, and each for any number of viewers', async () => {
    const { catalog, start } = await setUp({ sites: [{ id: NORTH, maxPulls: 1 }] });
    catalog.add('a', { siteId: NORTH });
    catalog.add('b', { siteId: NORTH });
    await start('a');
    await start('a', { by: VICTOR });
    await expect(start('b')).rejects.toMatchObject({
      code: 'at_capacity',
      message: expect.stringContaining('line to the site'),
    });
    await start('c1');
  });
});

describe('a thousand starts at the same moment', () => {
  it('never exceed a limit by one', async () => {
    const { catalog, clock, harnessStart, state } = await (async () => {
      const world = await setUp({
        tenantLimits: { viewsPerUser: 10_000, tenantViews: 70, camera: { webrtc: 20, hls: 30, rtsp: 0 } },
      });
      return { ...world, harnessStart: world.start };
    })();
    for (const id of ['a', 'b', 'c']) catalog.add(id);
    const results = Promise.allSettled(
      Array.from({ length: 1000 }, (_, i) => harnessStart(['a', 'b', 'c'][i % 3] ?? 'a')),
    );
    await clock.pass(50);
    const granted = (await results).filter(({ status }) => status === 'fulfilled');
    expect(granted).toHaveLength(70);
    const views = await state.views({});
    expect(views).toHaveLength(70);
    for (const id of ['a', 'b', 'c'])
      for (const [protocol, max] of [
        ['webrtc', 20],
        ['hls', 30],
      ] as const)
        expect(
          views.filter((view) => view.cameraId === id && view.protocol === protocol).length,
        ).toBeLessThanOrEqual(max);
  });
});
