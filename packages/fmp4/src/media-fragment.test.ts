import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaFragment } from './media-fragment.ts';
import { findBoxes, parseBoxes, parseFragments } from './testing/index.ts';

const sample = fc.record({
  data: fc.uint8Array({ maxLength: 40 }),
  durationTicks: fc.integer({ min: 1, max: 0xffffffff }),
  compositionTicks: fc.integer({ min: -0x7fffffff, max: 0x7fffffff }),
  key: fc.boolean(),
});
const track = (id: number) =>
  fc.record({
    id: fc.constant(id),
    decodeTicks: fc.maxSafeNat(),
    samples: fc.array(sample, { minLength: 1, maxLength: 12 }),
  });

describe('a media fragment', () => {
  it('gives back every sample with its bytes, times and flags, whatever they are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.tuple(track(1), track(2)), (sequence, tracks) => {
        const [fragment] = parseFragments(mediaFragment(sequence, tracks));
        expect(fragment?.sequence).toBe(sequence);
        expect(fragment?.tracks).toEqual(
          tracks.map((one) => ({
            ...one,
            samples: one.samples.map((s) => ({ ...s, data: Buffer.from(s.data) })),
          })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('stands for itself: offsets count from its own moof, wherever it is stored', () => {
    const samples = [{ data: Uint8Array.of(1, 2, 3), durationTicks: 5, compositionTicks: 0, key: true }];
    const one = mediaFragment(1, [{ id: 1, decodeTicks: 0, samples }]);
    const two = mediaFragment(2, [{ id: 1, decodeTicks: 5, samples }]);
    const fragments = parseFragments(Buffer.concat([one, two]));
    expect(fragments.map((f) => f.tracks[0]?.samples[0]?.data)).toEqual([
      Buffer.of(1, 2, 3),
      Buffer.of(1, 2, 3),
    ]);
  });

  it('leaves out a track that has nothing in it', () => {
    const samples = [{ data: Uint8Array.of(1), durationTicks: 5, compositionTicks: 0, key: true }];
    const bytes = mediaFragment(1, [
      { id: 1, decodeTicks: 0, samples },
      { id: 2, decodeTicks: 0, samples: [] },
    ]);
    expect(findBoxes(parseBoxes(bytes), 'moof/traf')).toHaveLength(1);
  });

  it('never writes a sample without duration', () => {
    const samples = [{ data: Uint8Array.of(1), durationTicks: 0, compositionTicks: 0, key: true }];
    const bytes = mediaFragment(1, [{ id: 1, decodeTicks: 0, samples }]);
    expect(parseFragments(bytes)[0]?.tracks[0]?.samples[0]?.durationTicks).toBe(1);
  });
});
