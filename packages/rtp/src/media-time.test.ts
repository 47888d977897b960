import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureClock } from './capture-clock.ts';
import { DecodeOrder } from './decode-order.ts';
import { MediaTimeline } from './media-timeline.ts';
import { Camera, PPS, Reception, SPS, slice } from './rtp.fixture.ts';

const FRAME = 6000;

function timeline(): MediaTimeline {
  return new MediaTimeline({ clockRate: 90_000, firstTicks: 90_000 });
}

describe('time line', () => {
  test('a single wild timestamp is replaced, its neighbours are untouched (Intelbras)', () => {
    const line = timeline();
    const stamps = [1000, 7000, 3_000_000_000, 19_000, 25_000];
    const out = stamps.map((stamp, i) => line.ticks(stamp, i * 67));
    expect(out).toEqual([90_000, 96_000, 102_000, 108_000, 114_000]);
    expect(line.restamped).toBe(1);
  });

  test('three wild ones that agree are a new time line, joined where the old one ended (Tapo)', () => {
    const line = timeline();
    const stamps = [1000, 7000, 4_000_000_000, 4_000_006_000, 4_000_012_000, 4_000_018_000];
    const out = stamps.map((stamp, i) => line.ticks(stamp >>> 0, i * 67));
    expect(out).toEqual([90_000, 96_000, 102_000, 108_000, 114_000, 120_000]);
    expect(line.joins).toBe(1);
  });

  test('wild ones that do not agree with each other never take over', () => {
    const line = timeline();
    line.ticks(0, 0);
    for (let i = 1; i < 20; i += 1) line.ticks((i * 1_000_000_007) >>> 0, i * 67);
    expect(line.joins).toBe(0);
    expect(line.ticks(20 * FRAME, 20 * 67)).toBe(90_000 + 20 * FRAME);
  });

  test('a pause that the arrival confirms is kept as a pause (time-lapse cameras)', () => {
    const line = timeline();
    line.ticks(0, 0);
    expect(line.ticks(20 * 90_000, 20_050)).toBe(90_000 + 20 * 90_000);
    expect(line.restamped).toBe(0);
  });

  test('frames that come out of the receiver never go backwards, whatever the camera stamps', () => {
    const stamp = fc.oneof(
      fc.integer({ min: -200_000, max: 200_000 }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    );
    fc.assert(
      fc.property(fc.array(stamp, { minLength: 1, maxLength: 40 }), (steps) => {
        const camera = new Camera().send([SPS, PPS, slice('idr', 0)]);
        steps.forEach((step, n) => {
          camera.timestamp = (camera.timestamp + step) >>> 0;
          camera.send([slice('p', n)], { advance: 0 });
        });
        const { frames } = new Reception().feed(camera.packets);
        let last = -1;
        for (const frame of frames) {
          expect(frame.dtsTicks).toBeGreaterThan(last);
          expect(frame.ptsTicks).toBeGreaterThanOrEqual(frame.dtsTicks);
          last = frame.dtsTicks;
        }
      }),
    );
  });
});

describe('decode order', () => {
  test('without B frames decoding follows presentation', () => {
    const order = new DecodeOrder({ depth: 0, frameTicks: 1800 });
    expect([9000, 15_000].map((t) => order.next(t))).toEqual([
      { dtsTicks: 9000, ptsTicks: 9000 },
      { dtsTicks: 15_000, ptsTicks: 15_000 },
    ]);
  });

  test('with B frames every frame is decoded before it is shown, in the order it came (I P B B)', () => {
    const order = new DecodeOrder({ depth: 2, frameTicks: 1800 });
    const shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8].map((n) => 90_000 + n * FRAME);
    const out = shown.map((pts) => order.next(pts));
    out.forEach((times, i) => {
      expect(times.ptsTicks).toBe(shown[i]);
      expect(times.dtsTicks).toBeLessThanOrEqual(times.ptsTicks);
      if (i > 0) expect(times.dtsTicks).toBeGreaterThan(out[i - 1]?.dtsTicks ?? 0);
    });
  });
});

describe('capture clock', () => {
  test('without sender reports a frame was captured when it arrived', () => {
    const clock = new CaptureClock(90_000);
    expect(clock.wallClockMs(90_000, 5_000_000)).toBe(5_000_000);
    expect(clock.wallClockMs(180_000, 5_001_000)).toBe(5_001_000);
  });

  test('network jitter moves it by no more than 500 ppm of the time that passed', () => {
    const clock = new CaptureClock(90_000);
    clock.wallClockMs(0, 1000);
    expect(clock.wallClockMs(90_000, 2300)).toBeLessThanOrEqual(2001);
  });

  test('two sender reports that agree are followed, a wild one is not', () => {
    const clock = new CaptureClock(90_000);
    clock.report(0, 1_000_000, 1_000_200);
    expect(clock.fromSender).toBe(false);
    clock.report(450_000, 1_005_000, 1_005_200);
    expect(clock.fromSender).toBe(true);
    expect(clock.wallClockMs(450_000, 1_005_200)).toBe(1_005_000);
    clock.report(900_000, 9_999_999, 1_010_200);
    expect(clock.fromSender).toBe(false);
    expect(clock.wallClockMs(540_000, 1_006_200)).toBeCloseTo(1_006_000, -1);
  });

  test('more than five seconds off it starts anew instead of creeping', () => {
    const clock = new CaptureClock(90_000);
    clock.wallClockMs(0, 1_000_000);
    expect(clock.wallClockMs(90_000, 1_020_000)).toBe(1_020_000);
  });
});
