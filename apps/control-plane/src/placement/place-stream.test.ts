import type { NodeId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlacementNode, placeStream } from './place-stream.ts';

const NONE: ReadonlyMap<NodeId, number> = new Map();
const named = (count: number, weight = 1): PlacementNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: `node-${i + 1}` as NodeId, weight }));
const keys = Array.from({ length: 1000 }, (_, i) => `camera${i}`);
const aNode = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { minLength: 1, maxLength: 12 })
  .chain((ids) =>
    fc
      .array(fc.integer({ min: 1, max: 50 }), { minLength: ids.length, maxLength: ids.length })
      .map((weights) => ids.map((id, i) => ({ id: id as NodeId, weight: weights[i] ?? 1 }))),
  );

/** Places all keys one after the other, as starts do. */
function placeAll(nodes: readonly PlacementNode[]): Map<string, NodeId> {
  const loads = new Map<NodeId, number>();
  const placed = new Map<string, NodeId>();
  for (const key of keys) {
    const [best] = placeStream(nodes, key, loads);
    if (best === undefined) throw new Error('nothing was placed');
    loads.set(best, (loads.get(best) ?? 0) + 1);
    placed.set(key, best);
  }
  return placed;
}

describe('placement', () => {
  it('answers nothing without nodes', () => {
    expect(placeStream([], 'camera', NONE)).toEqual([]);
  });

  it('names every node once, and does not depend on their order', () => {
    fc.assert(
      fc.property(aNode, fc.string(), (nodes, key) => {
        const ranked = placeStream(nodes, key, NONE);
        expect([...ranked].sort()).toEqual(nodes.map((node) => node.id).sort());
        expect(placeStream([...nodes].reverse(), key, NONE)).toEqual(ranked);
      }),
    );
  });

  it('moves only the share of a node that goes: everybody else keeps their first choice', () => {
    fc.assert(
      fc.property(aNode, fc.string(), (nodes, key) => {
        const [best, ...others] = placeStream(nodes, key, NONE);
        for (const gone of others) {
          const rest = nodes.filter((node) => node.id !== gone);
          expect(placeStream(rest, key, NONE)[0]).toBe(best);
        }
      }),
    );
  });

  it('moves about one in n to a node that comes', () => {
    const before = keys.map((key) => placeStream(named(9), key, NONE)[0]);
    const after = keys.map((key) => placeStream(named(10), key, NONE)[0]);
    const moved = after.filter((node, i) => node !== before[i]);
    expect(moved.every((node) => node === 'node-10')).toBe(true);
    expect(moved.length).toBeGreaterThan(60);
    expect(moved.length).toBeLessThan(140);
  });

  it('gives each node its weight', () => {
    const nodes = [
      { id: 'small' as NodeId, weight: 1 },
      { id: 'big' as NodeId, weight: 3 },
    ];
    const onBig = keys.filter((key) => placeStream(nodes, key, NONE)[0] === 'big').length;
    expect(onBig).toBeGreaterThan(690);
    expect(onBig).toBeLessThan(810);
  });

  it('fills no node beyond 1.25 of its share, whatever the names', () => {
    fc.assert(
      fc.property(aNode, (nodes) => {
        const counts = new Map<NodeId, number>();
        for (const node of placeAll(nodes).values()) counts.set(node, (counts.get(node) ?? 0) + 1);
        const weights = nodes.reduce((sum, node) => sum + node.weight, 0);
        for (const node of nodes) {
          const bound = Math.ceil((1.25 * keys.length * node.weight) / weights);
          expect(counts.get(node.id) ?? 0).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 15 },
    );
  });
});
