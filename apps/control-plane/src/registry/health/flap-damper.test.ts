import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlapDamper, LASTS_MS, MOST_CHANGES, type Settled, WINDOW_MS } from './flap-damper.ts';

const online = { isOnline: true, reason: 'live' } as const;
const offline = { isOnline: false, reason: 'camera_timeout' } as const;

/** What is told, second by second; each entry is seen at its second. */
function told(
  seen: readonly (readonly [number, typeof online | typeof offline])[],
  untilS: number,
): Settled[] {
  const damper = new FlapDamper();
  const found: Settled[] = [];
  for (let s = 0; s <= untilS; s++) {
    for (const [at, observation] of seen) if (at === s) damper.see(observation, s * 1000);
    const changed = damper.settle(s * 1000);
    if (changed !== undefined) found.push(changed);
  }
  return found;
}

describe('a camera that comes and goes', () => {
  it('is told of once what it is has lasted', () => {
    expect(told([[0, online]], 9)).toEqual([]);
    expect(told([[0, online]], 10)).toMatchObject([{ state: 'online' }]);
    expect(
      told(
        [
          [0, online],
          [20, offline],
          [25, online],
        ],
        60,
      ),
    ).toMatchObject([{ state: 'online' }]);
    expect(
      told(
        [
          [0, online],
          [20, offline],
        ],
        60,
      ),
    ).toMatchObject([{ state: 'online' }, { state: 'offline', reason: 'camera_timeout' }]);
  });

  it('ten times is told of once, and again when it has been quiet', () => {
    const seen = Array.from({ length: 10 }, (_, i) => [20 + i * 15, i % 2 === 0 ? offline : online] as const);
    const all = told([[0, online], ...seen], 2000);
    expect(all.map(({ state }) => state).slice(-2)).toEqual(['unstable', 'online']);
    expect(all.filter(({ state }) => state === 'unstable')).toHaveLength(1);
  });

  it('is never told of more often than changes that can last fit into the time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1800 }), fc.boolean()), { maxLength: 60 }),
        (changes) => {
          const seen = changes
            .toSorted((a, b) => a[0] - b[0])
            .map(([at, up]) => [at, up ? online : offline] as const);
          const all = told(seen, 2000);
          for (const [i, one] of all.entries()) expect(one.state).not.toBe(all[i - 1]?.state);
          const windows = Math.ceil((2000 * 1000) / WINDOW_MS);
          expect(all.length).toBeLessThanOrEqual(windows * (MOST_CHANGES + 2));
          expect(LASTS_MS).toBeLessThan(WINDOW_MS);
        },
      ),
      { numRuns: 50 },
    );
  });
});
