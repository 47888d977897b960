import { describe, expect, it } from 'vitest';
import { type Blow, darkMs, overcrowded, partitionsOf, rowOf } from '../../bench/chaos/tally.ts';

function blow(change: Partial<Blow> = {}): Blow {
  return {
    kind: { name: 'node killed', expectation: 'moves', partition: 'none' },
    victim: 'node-1',
    struckMs: 10_000,
    undoneMs: 15_000,
    wellMs: 16_000,
    overMs: 18_000,
    ...change,
  };
}
const gap = (viewer: string, fromMs: number, toMs: number) => ({ viewer, cameraId: 'c', fromMs, toMs });

const seen = (what: Partial<Parameters<typeof rowOf>[1]>) => ({
  gaps: [],
  doubles: [],
  partitions: [],
  ...what,
});

describe('what a blow did to the viewers', () => {
  it("is each viewer's longest pause that began with it", () => {
    const gaps = [gap('a', 10_000, 13_000), gap('a', 14_000, 15_000), gap('b', 9900, 12_000)];
    expect(darkMs(blow(), gaps)).toEqual([3000, 2100]);
  });

  it('is not what the blow before or after it did', () => {
    expect(darkMs(blow(), [gap('a', 8000, 13_000), gap('b', 17_800, 20_000)])).toEqual([]);
  });

  it('counts from the return of a camera that was away', () => {
    const away = blow({ kind: { name: 'camera away', expectation: 'returns', partition: 'none' } });
    expect(darkMs(away, [gap('a', 10_000, 16_500)])).toEqual([1500]);
  });
});

describe('the row of a kind of blow', () => {
  it('holds while 95 of 100 viewers are within the bound', () => {
    const gaps = Array.from({ length: 100 }, (_, i) => gap(`v${i}`, 10_000, i < 95 ? 17_000 : 30_000));
    const row = rowOf([blow()], seen({ gaps }));
    expect(row).toMatchObject({ dark: 100, p95Ms: 7000, maxMs: 20_000, broken: [] });
  });

  it('is broken by viewers that were dark for too long, a cluster that did not recover, and two pulls', () => {
    const pulled = { camera: 3, profile: 'sub' as const, clients: ['x', 'y'] };
    const doubles = [{ ...pulled, fromMs: 11_000, toMs: 12_000 }];
    const row = rowOf([blow({ wellMs: undefined })], seen({ gaps: [gap('a', 10_000, 20_000)], doubles }));
    expect(row?.broken).toHaveLength(3);
  });

  it('bears two pulls while a node is cut off and for a second after', () => {
    const kind = { name: 'node cut off', expectation: 'moves', partition: 'from control' } as const;
    const pulled = { camera: 3, profile: 'sub' as const, clients: ['x', 'y'] };
    const partitions = partitionsOf([blow({ kind })]);
    const broken = (toMs: number) =>
      rowOf([blow({ kind })], seen({ doubles: [{ ...pulled, fromMs: 11_000, toMs }], partitions }))?.broken;
    expect(broken(15_900)).toEqual([]);
    expect(broken(16_900)).toHaveLength(1);
  });
});

describe('places that more viewers want than there are', () => {
  const lit = [
    { atMs: 1000, viewers: 3 },
    { atMs: 2000, viewers: 4 },
  ];

  it('are overcrowded when more have pictures', () => {
    expect(overcrowded(lit, 3, [])).toHaveLength(1);
    expect(overcrowded(lit, 4, [])).toEqual([]);
  });

  it('may be while a node is cut off', () => {
    expect(overcrowded(lit, 3, [{ fromMs: 500, toMs: 1800 }])).toEqual([]);
    expect(overcrowded(lit, 3, [{ fromMs: 500, toMs: 1400 }])).toHaveLength(1);
  });
});
