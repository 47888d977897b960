import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './backoff.ts';

describe('the pause before the next attempt', () => {
  it('is short at first and grows to 15 s', () => {
    const longest = Array.from({ length: 10 }, (_, attempt) => retryDelayMs(attempt, 0, () => 0.999_999));
    expect(longest).toEqual([100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  it('is spread evenly down to nothing, so that tiles do not return in step', () => {
    expect(retryDelayMs(5, 0, () => 0)).toBe(0);
    expect(retryDelayMs(5, 0, () => 0.5)).toBe(2000);
  });

  it('is never shorter than asked for, nor longer than a quarter above both bounds', () => {
    const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    fc.assert(
      fc.property(fc.nat(50), fc.nat(60_000), chance, (attempt, floorMs, random) => {
        const ms = retryDelayMs(attempt, floorMs, () => random);
        expect(ms).toBeGreaterThanOrEqual(floorMs);
        expect(ms).toBeLessThanOrEqual(Math.max(15_000, floorMs * 1.25 + 1));
      }),
    );
  });
});
