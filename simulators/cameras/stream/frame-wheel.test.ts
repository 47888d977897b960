import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { FrameWheel } from './frame-wheel.ts';

describe('FrameWheel', () => {
  it('calls every task when it is due, never early and at most 5 ms late, whatever the period', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 20 }), (periods) => {
        const clock = new ManualClock();
        const wheel = new FrameWheel({ clock });
        const calls = periods.map((period) => {
          const late: number[] = [];
          let due = period;
          wheel.schedule(due, (now) => {
            late.push(now - due);
            due += period;
            return due;
          });
          return late;
        });
        clock.advance(4000);
        for (const [i, late] of calls.entries()) {
          const period = periods[i] ?? 0;
          // A task that is due more often than the wheel turns is called once a turn.
          if (period >= 8) expect(late.length).toBeGreaterThanOrEqual(Math.floor(3995 / period));
          if (period >= 8) expect(Math.max(...late, 0)).toBeLessThanOrEqual(5);
          expect(Math.min(...late, 0)).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('holds one timer for any number of tasks, and none when there is nothing to do', () => {
    const clock = new ManualClock();
    const wheel = new FrameWheel({ clock });
    const cancels = Array.from({ length: 500 }, (_, i) => wheel.schedule(50 + i / 10, (now) => now + 66));
    clock.advance(1000);
    expect(clock.timers).toBe(1);
    for (const cancel of cancels) cancel();
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });

  it('calls a task once after a stall longer than the whole wheel', () => {
    const clock = new ManualClock();
    const wheel = new FrameWheel({ clock });
    const calls: number[] = [];
    wheel.schedule(10, (now) => {
      calls.push(now);
      return undefined;
    });
    clock.stall(60_000);
    clock.advance(1000);
    expect(calls).toEqual([60_000]);
  });

  it('never calls a cancelled task', () => {
    const clock = new ManualClock();
    const wheel = new FrameWheel({ clock });
    const cancel = wheel.schedule(20, () => {
      throw new Error('called');
    });
    cancel();
    clock.advance(100);
  });
});
