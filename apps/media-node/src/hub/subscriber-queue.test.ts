import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audio, video } from './frames.fixture.ts';
import { SubscriberQueue } from './subscriber-queue.ts';

function drain(queue: SubscriberQueue): number[] {
  const order: number[] = [];
  for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) order.push(frame.wallClockMs);
  return order;
}

describe('subscriber queue', () => {
  test('gives frames back in order while the reader keeps up', () => {
    const queue = new SubscriberQueue({ limitBytes: 1000, limitFrames: 10 });
    for (let n = 0; n < 5; n += 1) expect(queue.push(video(n, n === 0))).toBe(true);
    expect(queue.bytes).toBe(500);
    expect(drain(queue)).toEqual([0, 1, 2, 3, 4]);
    expect(queue.stats()).toEqual({ framesDropped: 0, bytesDropped: 0, skips: 0 });
  });

  test('on overflow it skips to the newest queued key frame', () => {
    const queue = new SubscriberQueue({ limitBytes: 400, limitFrames: 10 });
    for (const frame of [video(0, true), video(1), video(2, true), video(3)]) queue.push(frame);
    expect(queue.push(video(4))).toBe(true);
    expect(drain(queue)).toEqual([2, 3, 4]);
    expect(queue.stats()).toEqual({ framesDropped: 2, bytesDropped: 200, skips: 1 });
  });

  test('with no newer key frame queued it drops everything until the next one, which is never dropped', () => {
    const queue = new SubscriberQueue({ limitBytes: 300, limitFrames: 10 });
    for (const frame of [video(0, true), video(1), video(2)]) queue.push(frame);
    expect(queue.push(video(3))).toBe(false);
    expect(queue.push(audio(4))).toBe(false);
    expect(queue.push(video(5, true, 5000))).toBe(true);
    expect(drain(queue)).toEqual([5]);
    expect(queue.stats().framesDropped).toBe(5);
  });

  test('clear drops what belongs to old tracks and counts it', () => {
    const queue = new SubscriberQueue({ limitBytes: 300, limitFrames: 10 });
    queue.push(video(0, true));
    queue.clear();
    expect(queue.shift()).toBeUndefined();
    expect(queue.stats().framesDropped).toBe(1);
    expect(queue.bytes).toBe(0);
  });

  test('stays inside its limits and never hands out a frame whose predecessor was dropped', () => {
    const action = fc.oneof(
      fc.record({ push: fc.constant(true), key: fc.boolean(), bytes: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ push: fc.constant(false), key: fc.constant(false), bytes: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
        const queue = new SubscriberQueue({ limitBytes: 500, limitFrames: 8 });
        let n = 0;
        let previous = -1;
        let taken = 0;
        for (const one of actions) {
          if (one.push) {
            const key = n === 0 || one.key;
            queue.push(video(n++, key, one.bytes));
            expect(queue.length).toBeLessThanOrEqual(8);
            if (queue.length > 1) expect(queue.bytes).toBeLessThanOrEqual(500);
            continue;
          }
          const frame = queue.shift();
          if (frame === undefined) continue;
          taken += 1;
          if (!frame.key) expect(frame.wallClockMs).toBe(previous + 1);
          previous = frame.wallClockMs;
        }
        expect(taken + queue.length + queue.stats().framesDropped).toBe(n);
      }),
    );
  });
});
