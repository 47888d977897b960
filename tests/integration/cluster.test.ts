// A whole cluster of real programs whose parts are killed while viewers watch; a small sibling of bench/chaos.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doublePulls, unexcused } from '../support/cluster/double-pulls.ts';
import { ClusterWorld } from '../support/cluster-world.ts';
import { eventually } from '../support/eventually.ts';

const VIEWERS = 10;
const WELL_WITHIN_MS = 20_000;
/** What a person does not see as black, on a machine that others use too. */
const HICCUP_MS = 1000;
/** Seen within 3 s, pictures within 4 s, and simulated substreams have a key frame every four seconds. */
const MOVED_WITHIN_MS = 8000;

describe('a cluster under blows', () => {
  let world: ClusterWorld;
  let startedMs = 0;

  beforeAll(async () => {
    startedMs = Date.now();
    world = await ClusterWorld.start({
      controls: 2,
      nodes: 2,
      cameras: 6,
      postgres: true,
      redis: true,
      network: 'loopback',
    });
    await world.watch({ viewers: VIEWERS, programs: 1 });
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  /** The longest pause of any viewer that began since then. */
  const darkSince = (ms: number) =>
    Math.max(0, ...world.crowd.gaps.filter(({ toMs }) => toMs > ms).map(({ fromMs, toMs }) => toMs - fromMs));

  it('brings the streams of a node that is killed up elsewhere, and its viewers move by themselves', async () => {
    const on = async (node: string) =>
      (await world.streams()).filter((stream) => stream.node === node && stream.viewers > 0);
    const victim = (await on('node-1')).length > 0 ? 'node-1' : 'node-2';
    const views = world.crowd.sessionIds.size;
    const struckMs = Date.now();
    await world.part(victim).kill();
    await eventually('its streams are elsewhere', async () => (await on(victim)).length === 0);
    world.part(victim).start();
    await world.well(WELL_WITHIN_MS);
    expect(world.crowd.sessionIds.size).toBeGreaterThan(views);
    expect(darkSince(struckMs)).toBeLessThan(MOVED_WITHIN_MS);
  });

  it.each([
    ['the control process that leads the nodes', 'control-1'],
    ['Redis, which returns empty,', 'redis'],
    ['PostgreSQL', 'postgres'],
  ])('shows pictures without a break while %s is killed and comes back', async (_what, victim) => {
    const struckMs = Date.now();
    await world.part(victim).kill();
    world.part(victim).start();
    await world.well(WELL_WITHIN_MS);
    expect(darkSince(struckMs)).toBeLessThan(HICCUP_MS);
  });

  it('has pulled no camera twice at once, as the cameras saw it', async () => {
    const doubles = doublePulls(await world.pulls(startedMs), Date.now());
    expect(unexcused(doubles, [], 100)).toEqual([]);
  });

  it('has written down every view', async () => {
    const { items } = await world.api<{ items: { sessionId: string }[] }>(
      'GET',
      '/audit?kind=view-started&limit=500',
    );
    const written = new Set(items.map(({ sessionId }) => sessionId));
    expect(world.crowd.sessionIds.size).toBeGreaterThanOrEqual(VIEWERS);
    expect([...world.crowd.sessionIds].filter((id) => !written.has(id))).toEqual([]);
  });
});
