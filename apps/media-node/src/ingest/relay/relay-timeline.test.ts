import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIO, audio, VIDEO, video } from '../../hub/frames.fixture.ts';
import { RelayTimeline } from './relay-timeline.ts';

describe('the time line of a stream from another node', () => {
  it('is that of the other node where the run begins', () => {
    const timeline = new RelayTimeline(undefined);
    timeline.tracks([VIDEO]);
    expect(timeline.moved(video(7, true))).toEqual(video(7, true));
    expect(timeline.lastTicks).toBe(42_000);
  });

  it('goes on after the run, whatever the other node counts, picture and sound moved alike', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), fc.nat(100_000), (firstTicks, start) => {
        const timeline = new RelayTimeline(firstTicks);
        timeline.tracks([VIDEO, AUDIO]);
        const soundAt = (pictureTicks: number) => Math.round((pictureTicks / 90_000) * 8000);
        const key = timeline.moved(video(start, true));
        const sound = timeline.moved({
          ...audio(0),
          dtsTicks: soundAt(start * 6000),
          ptsTicks: soundAt(start * 6000),
        });
        const next = timeline.moved(video(start + 1));
        expect(key?.dtsTicks).toBe(firstTicks + 3000);
        expect(next?.dtsTicks).toBe(firstTicks + 9000);
        // To a tick of sound.
        expect(Math.abs((sound?.dtsTicks ?? 0) / 8000 - (firstTicks + 3000) / 90_000)).toBeLessThan(
          1.01 / 8000,
        );
        expect(timeline.lastTicks).toBeGreaterThanOrEqual(firstTicks + 9000);
      }),
    );
  });

  it('leaves out sound from before the run, and frames of tracks that nobody told of', () => {
    const timeline = new RelayTimeline(900_000);
    timeline.tracks([VIDEO, AUDIO]);
    timeline.moved(video(1000, true));
    expect(timeline.moved({ ...audio(0), dtsTicks: 0, ptsTicks: 0 })).toBeUndefined();
    expect(timeline.moved({ ...video(1001), trackId: 9 })).toBeUndefined();
  });
});
