import { describe, expect, it } from 'vitest';
import { doublePulls, unexcused } from '../support/cluster/double-pulls.ts';

const pull = (client: string, fromMs: number, toMs: number | null) => ({
  camera: 1,
  profile: 'sub' as const,
  client,
  fromMs,
  toMs,
});

describe('pulls of one camera at once', () => {
  it('are none when one follows the other, or another profile is pulled', () => {
    const follows = [pull('a', 0, 1000), pull('b', 1000, null)];
    const other = { ...pull('b', 0, null), profile: 'main' as const };
    expect(doublePulls([...follows, other], 2000)).toEqual([]);
  });

  it('are found with their length and their clients, also while both go on', () => {
    expect(doublePulls([pull('a', 0, null), pull('b', 1000, null)], 3000)).toEqual([
      { camera: 1, profile: 'sub', fromMs: 1000, toMs: 3000, clients: ['a', 'b'] },
    ]);
  });

  it('are excused by a partition for as long as that lasts, and no longer', () => {
    const doubles = doublePulls([pull('a', 0, 5000), pull('b', 1000, null)], 9000);
    expect(unexcused(doubles, [{ fromMs: 500, toMs: 5000 }], 100)).toEqual([]);
    expect(unexcused(doubles, [{ fromMs: 500, toMs: 4950 }], 100)).toEqual([]);
    expect(unexcused(doubles, [{ fromMs: 500, toMs: 4800 }], 100)).toHaveLength(1);
    expect(unexcused(doubles, [], 100)).toHaveLength(1);
  });

  it('are never excused when three clients pull', () => {
    const doubles = doublePulls([pull('a', 0, null), pull('b', 0, null), pull('c', 0, null)], 1000);
    expect(unexcused(doubles, [{ fromMs: 0, toMs: 1000 }], 100)).toHaveLength(1);
  });
});
