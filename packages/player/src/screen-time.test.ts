import type { SessionId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { ScreenTime } from './screen-time.ts';

const A = 'a' as SessionId;
const B = 'b' as SessionId;

/** Samples four times a second, as the ticker does. */
function watch(time: ScreenTime, sessionId: SessionId, seen: boolean, fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 250) time.sample({ sessionId, seen, nowMs });
}

describe('the time on screen', () => {
  it('runs while a picture of now can be seen, and stands still while it cannot', () => {
    const time = new ScreenTime();
    watch(time, A, true, 0, 5000);
    watch(time, A, false, 5250, 60_000);
    watch(time, A, true, 60_250, 62_250);
    expect(time.seconds(A)).toBe(7);
  });

  it('is that of each view by itself', () => {
    const time = new ScreenTime();
    watch(time, A, true, 0, 3000);
    watch(time, B, true, 3000, 4000);
    expect([time.seconds(A), time.seconds(B)]).toEqual([3, 1]);
    expect(time.seconds('c' as SessionId)).toBe(0);
  });

  it('does not count the sleep of a machine or a page', () => {
    const time = new ScreenTime();
    time.sample({ sessionId: A, seen: true, nowMs: 0 });
    time.sample({ sessionId: A, seen: true, nowMs: 3_600_000 });
    expect(time.seconds(A)).toBe(1);
  });
});
