import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localRetryAfterMs, rejectedAfterMs, retryAfterMs } from './retry-plan.ts';

const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('waits between tries', () => {
  it('are anywhere under a bound that doubles from one second to a minute, and never none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), random, (failures, dice) => {
        const bound = Math.min(60_000, 1000 * 2 ** (failures - 1));
        const wait = retryAfterMs(failures, () => dice);
        expect(wait).toBe(Math.max(250, Math.floor(dice * bound)));
      }),
    );
  });

  it('of what is on the node itself are under a second for a while', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), random, (failures, dice) => {
        const wait = localRetryAfterMs(failures, () => dice);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(750);
      }),
    );
    expect(localRetryAfterMs(1000, () => 0.999)).toBeGreaterThan(50_000);
  });

  it('after a rejected password are a minute at least, and four in half an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), random, (rejections, dice) => {
        const wait = rejectedAfterMs(rejections, () => dice);
        expect(wait).toBeGreaterThanOrEqual(60_000);
        expect(wait).toBeLessThanOrEqual(1_800_000 * 1.25);
      }),
    );
    let elapsedMs = 0;
    let tries = 0;
    while (elapsedMs < 1_800_000) {
      tries += 1;
      elapsedMs += rejectedAfterMs(tries, () => 0);
    }
    // Devices lock an account after five (Hikvision: 5 to 7 within 30 minutes).
    expect(tries).toBeLessThanOrEqual(4);
  });
});
