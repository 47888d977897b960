import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-plan.ts';

const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('retryAfterMs', () => {
  it('is back within a second while the camera had pictures a moment ago', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), random, (attempt, dice) => {
        const wait = retryAfterMs({ attempt, code: 'camera_refused', recentlyHealthy: true }, () => dice);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(750);
      }),
    );
  });

  it('never waits longer than a minute for a camera that is away, and never hammers it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        random,
        fc.boolean(),
        (attempt, dice, recentlyHealthy) => {
          const wait = retryAfterMs({ attempt, code: 'camera_timeout', recentlyHealthy }, () => dice);
          expect(wait).toBeGreaterThanOrEqual(250);
          expect(wait).toBeLessThanOrEqual(60_000);
        },
      ),
    );
  });

  it('gives a camera without a free place more time each try, even one that had pictures a moment ago', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) =>
      retryAfterMs({ attempt, code: 'camera_busy', recentlyHealthy: true }, () => 0.999),
    );
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThan(20_000);
  });

  it('asks at most a few times in ten minutes with a password that was rejected', () => {
    let elapsed = 0;
    let tries = 0;
    while (elapsed < 600_000) {
      tries += 1;
      elapsed += retryAfterMs(
        { attempt: tries, code: 'camera_credentials_rejected', recentlyHealthy: true },
        () => 0,
      );
    }
    expect(tries).toBeLessThanOrEqual(5);
  });
});
