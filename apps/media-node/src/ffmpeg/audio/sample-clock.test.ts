import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleClock } from './sample-clock.ts';

const at = (seconds: number) => ({ seconds, wallClockMs: 1_000_000 + seconds * 1000 });

describe('the time of transcoded sound', () => {
  it('is that of the sample it begins with, whatever the frames of either side', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (begin, frames, where) => {
          const clock = new SampleClock();
          let fed = 0;
          for (const ms of frames) {
            clock.feed(at(begin + fed), ms / 1000);
            fed += ms / 1000;
          }
          expect(clock.at(where * fed)?.seconds).toBeCloseTo(begin + where * fed, 4);
        },
      ),
    );
  });

  it('follows no jitter, and every gap', () => {
    const clock = new SampleClock();
    clock.feed(at(10), 0.02);
    clock.feed(at(10.05), 0.02);
    clock.feed(at(20), 0.02);
    clock.feed(at(20.02), 0.02);
    expect(clock.at(-0.01)?.seconds).toBeCloseTo(9.99);
    expect(clock.at(0.03)?.seconds).toBeCloseTo(10.03);
    expect(clock.at(0.05)?.seconds).toBeCloseTo(20.01);
    expect(clock.at(0.05)?.wallClockMs).toBeCloseTo(1_020_010);
  });

  it('is not known before anything went in, and goes back with the source', () => {
    const clock = new SampleClock();
    expect(clock.at(0)).toBeUndefined();
    clock.feed(at(100), 1);
    clock.feed(at(50), 1);
    expect(clock.at(1.5)?.seconds).toBeCloseTo(50.5);
  });
});
