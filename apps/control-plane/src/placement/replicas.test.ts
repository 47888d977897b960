import { NodeId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenNode } from './placement.ts';
import { planReplicas, type Replica, type ReplicaLimits, type ReplicaScene, rankCopies } from './replicas.ts';

const LIMITS: ReplicaLimits = { viewersPerCopy: 100, maxCopies: 8, shrinkAfterMs: 60_000 };
const node = (n: number) => NodeId.parse(`node-${n}`);
const ORIGIN = node(0);
const nodes = (count: number, labels: OpenNode['labels'] = {}): OpenNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: node(i), weight: 10, labels }));

function sceneOf(more: Partial<ReplicaScene> = {}): ReplicaScene {
  const open = more.nodes ?? nodes(10);
  return {
    key: 'cam_a',
    origin: ORIGIN,
    originIsEdge: false,
    replicas: [],
    viewers: new Map(),
    demand: 1,
    nodes: open,
    alive: new Set(open.map(({ id }) => id)),
    loads: new Map(),
    surplusSinceMs: undefined,
    nowMs: 0,
    ...more,
  };
}
const plan = (more: Partial<ReplicaScene> = {}) => planReplicas(sceneOf(more), LIMITS);
const openOf = (replicas: readonly Replica[]) => replicas.filter(({ state }) => state === 'open');

describe('copies of a stream that many watch', () => {
  it('are none while the node that pulls it bears all', () => {
    expect(plan({ demand: 90 }).replicas).toEqual([]);
  });

  it('come before the node is full, never on it, all from it, and not from the camera', () => {
    const { replicas } = plan({ demand: 250 });
    expect(replicas).toHaveLength(2);
    for (const { from, nodeId, state } of replicas) {
      expect([from, state]).toEqual([ORIGIN, 'open']);
      expect(nodeId).not.toBe(ORIGIN);
    }
  });

  it('are given up only after fewer were enough for a minute, and go with their last viewer', () => {
    const { replicas } = plan({ demand: 250 });
    const viewers = new Map(replicas.map(({ nodeId }) => [nodeId, 20]));
    const low = { replicas, viewers, demand: 50 };
    const first = plan({ ...low, nowMs: 1000 });
    expect(first).toEqual({ replicas, surplusSinceMs: 1000 });
    expect(plan({ ...low, nowMs: 60_999, surplusSinceMs: 1000 }).replicas).toEqual(replicas);
    const after = plan({ ...low, nowMs: 61_000, surplusSinceMs: 1000 });
    expect(after.replicas.map(({ state }) => state)).toEqual(['retiring', 'retiring']);
    const gone = plan({ ...low, replicas: after.replicas, viewers: new Map(), nowMs: 62_000 });
    expect(gone.replicas).toEqual([]);
  });

  it('forget that they were too many as soon as they are not', () => {
    const { replicas } = plan({ demand: 250 });
    expect(plan({ replicas, demand: 250, surplusSinceMs: 5, nowMs: 70_000 })).toEqual({
      replicas,
      surplusSinceMs: undefined,
    });
  });

  it('on their way out are taken back before new ones are made', () => {
    const replicas: Replica[] = [{ nodeId: node(7), from: ORIGIN, state: 'retiring' }];
    expect(plan({ replicas, viewers: new Map([[node(7), 3]]), demand: 150 }).replicas).toEqual([
      { nodeId: node(7), from: ORIGIN, state: 'open' },
    ]);
  });

  it('leave a node that drains when their viewers have, with another in its place; one that died at once', () => {
    const { replicas } = plan({ demand: 150 });
    const [copy] = replicas;
    if (copy === undefined) throw new Error('no copy');
    const others = nodes(10).filter(({ id }) => id !== copy.nodeId);
    const draining = plan({
      ...{ replicas, demand: 150, nodes: others, viewers: new Map([[copy.nodeId, 60]]) },
      alive: new Set(nodes(10).map(({ id }) => id)),
    });
    expect(openOf(draining.replicas)).toHaveLength(1);
    expect(draining.replicas).toContainEqual({ ...copy, state: 'retiring' });
    const dead = plan({ replicas, demand: 150, nodes: others, viewers: new Map([[copy.nodeId, 60]]) });
    expect(dead.replicas).toHaveLength(1);
    expect(dead.replicas[0]?.nodeId).not.toBe(copy.nodeId);
  });

  it('are where their pool is, where there is one', () => {
    const mixed: OpenNode[] = nodes(10).map((one, i) => ({
      ...one,
      labels: { pool: i % 2 === 0 ? 'hls' : 'webrtc' },
    }));
    const { replicas } = plan({ nodes: mixed, demand: 350, protocol: 'webrtc' });
    expect(replicas.every(({ nodeId }) => Number(nodeId.slice(5)) % 2 === 1)).toBe(true);
  });
});

describe('copies of what an edge pulls', () => {
  const edge = {
    originIsEdge: true,
    nodes: [{ id: ORIGIN, weight: 10, labels: { role: 'edge' } }, ...nodes(10).slice(1)],
  };

  it('are none while nobody outside its site watches', () => {
    expect(plan({ ...edge, demand: 0 }).replicas).toEqual([]);
  });

  it('begin with one in the core, which alone takes over the line', () => {
    expect(plan({ ...edge, demand: 1 }).replicas).toMatchObject([{ from: ORIGIN, state: 'open' }]);
    const { replicas } = plan({ ...edge, demand: 350 });
    const [trunk] = replicas.filter(({ from }) => from === ORIGIN);
    expect(replicas.filter(({ from }) => from === ORIGIN)).toHaveLength(1);
    expect(replicas.filter(({ from }) => from === trunk?.nodeId)).toHaveLength(3);
  });

  it('are never on another edge', () => {
    const edges = nodes(10, { role: 'edge' });
    expect(plan({ originIsEdge: true, nodes: edges, demand: 50 }).replicas).toEqual([]);
  });
});

describe('[H5] whatever happens', () => {
  const step = fc.record({
    demand: fc.nat(900),
    up: fc.uniqueArray(fc.nat(11), { minLength: 1 }),
    draining: fc.uniqueArray(fc.nat(11), { maxLength: 3 }),
    waitMs: fc.nat(80_000),
  });

  it('no copy is on the origin, twice on a node or on a dead one; each takes from a node that has it, in no ring; one crosses the line of an edge', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 12 }), (originIsEdge, steps) => {
        let before = { replicas: [] as readonly Replica[], surplusSinceMs: undefined as number | undefined };
        let nowMs = 0;
        for (const { demand, draining, up, waitMs } of steps) {
          nowMs += waitMs;
          const alive = new Set([ORIGIN, ...up.map(node)]);
          const open = nodes(12).filter(({ id }) => alive.has(id) && !draining.map(node).includes(id));
          const viewers = new Map(before.replicas.map(({ nodeId }, i) => [nodeId, (demand + i) % 3]));
          const next = plan({ originIsEdge, demand, viewers, nodes: open, alive, nowMs, ...before });
          const places = next.replicas.map(({ nodeId }) => nodeId);
          expect(new Set(places).size).toBe(places.length);
          expect(places).not.toContain(ORIGIN);
          expect(places.every((id) => alive.has(id))).toBe(true);
          const sources = new Map(next.replicas.map(({ from, nodeId }) => [nodeId, from]));
          for (const { from } of next.replicas)
            expect(from === ORIGIN || sources.get(from) === ORIGIN).toBe(true);
          if (originIsEdge)
            expect(next.replicas.filter(({ from }) => from === ORIGIN).length).toBeLessThanOrEqual(1);
          const room = open.filter(({ id }) => id !== ORIGIN).length;
          const own = originIsEdge ? 0 : 1;
          const needed = Math.min(LIMITS.maxCopies, Math.ceil(demand / LIMITS.viewersPerCopy));
          expect(openOf(next.replicas).length + own).toBeGreaterThanOrEqual(Math.min(needed, room + own));
          // Asked again at the same moment nothing changes: all control processes come to the same.
          const viewersNow = new Map(next.replicas.map(({ nodeId }) => [nodeId, viewers.get(nodeId) ?? 0]));
          const again = plan({
            originIsEdge,
            demand,
            viewers: viewersNow,
            nodes: open,
            alive,
            nowMs,
            ...next,
          });
          expect(again.replicas).toEqual(next.replicas);
          before = next;
        }
      }),
      { numRuns: 80 },
    );
  });

  it('nothing goes to and fro while the demand stays near a bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.array(fc.integer({ min: -14, max: 14 })),
        (around, sways) => {
          let { replicas } = plan({ demand: around + 14 });
          const viewers = new Map(replicas.map(({ nodeId }) => [nodeId, 50]));
          const { length } = replicas;
          let surplusSinceMs: number | undefined;
          for (const [i, sway] of sways.entries()) {
            const demand = Math.max(0, around + sway);
            const next = plan({ demand, replicas, viewers, surplusSinceMs, nowMs: i * 30_000 });
            expect(openOf(next.replicas).length).toBeLessThanOrEqual(length);
            if (demand >= (length + 1) * 60 * 0.9) expect(openOf(next.replicas)).toHaveLength(length);
            ({ replicas, surplusSinceMs } = next);
          }
        },
      ),
    );
  });
});

describe('a new viewer', () => {
  const copy = (n: number, viewers: number, more: object = {}) => ({
    ...{ nodeId: node(n), viewers, isLive: true, state: 'open' as const },
    ...more,
  });

  it('goes to the emptiest copy with pictures, to no full one while there is another, to none on its way out', () => {
    const copies = [
      copy(1, 100),
      copy(2, 40),
      copy(3, 10, { isLive: false }),
      copy(4, 60),
      copy(5, 0, { state: 'retiring' as const }),
    ];
    expect(rankCopies(copies, LIMITS)).toEqual([node(2), node(4), node(3), node(1)]);
  });

  it('finds viewers spread evenly', () => {
    const counts = new Map([1, 2, 3].map((n) => [node(n), 0]));
    for (let i = 0; i < 240; i += 1) {
      const [best] = rankCopies(
        [...counts].map(([nodeId, viewers]) => ({ ...copy(0, viewers), nodeId })),
        LIMITS,
      );
      if (best !== undefined) counts.set(best, (counts.get(best) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([80, 80, 80]);
  });
});
