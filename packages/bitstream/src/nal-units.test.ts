import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitAnnexB } from './annex-b.ts';
import { addEmulationPrevention, removeEmulationPrevention } from './emulation-prevention.ts';
import { splitLengthPrefixed, toLengthPrefixed } from './length-prefixed.ts';

/** A NAL unit as an encoder makes it: no start code inside, no zero at the end. */
const nal = fc
  .uint8Array({ minLength: 1, maxLength: 60, max: 6 })
  .map((bytes) => Uint8Array.of(0x41, ...addEmulationPrevention(bytes), 0x80));

describe('Annex B', () => {
  test('gives back the NAL units whatever start codes and zeros stand between them', () => {
    const piece = fc.record({
      nal,
      long: fc.boolean(),
      zerosAfter: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const bytes = pieces.flatMap((p) => [
          ...(p.long ? [0, 0, 0, 1] : [0, 0, 1]),
          ...p.nal,
          ...new Array<number>(p.zerosAfter).fill(0),
        ]);
        expect(splitAnnexB(Uint8Array.from(bytes)).map((n) => [...n])).toEqual(pieces.map((p) => [...p.nal]));
      }),
    );
  });

  test('bytes before the first start code are a unit too (V380 sends SPS so)', () => {
    const split = splitAnnexB(Uint8Array.of(0x67, 1, 2, 0, 0, 0, 1, 0x68, 3));
    expect(split.map((n) => [...n])).toEqual([
      [0x67, 1, 2],
      [0x68, 3],
    ]);
  });

  test('nothing, zeros and bare start codes hold no unit', () => {
    for (const bytes of [[], [0, 0, 0], [0, 0, 1], [0, 0, 1, 0, 0, 0, 1, 0]]) {
      expect(splitAnnexB(Uint8Array.from(bytes))).toEqual([]);
    }
  });
});

describe('emulation prevention', () => {
  test('removing what was added gives the payload back, and the escaped form holds no start code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 4 }), (payload) => {
        const escaped = addEmulationPrevention(payload);
        for (let i = 0; i + 2 < escaped.length; i += 1) {
          expect(escaped[i] === 0 && escaped[i + 1] === 0 && (escaped[i + 2] ?? 9) < 3).toBe(false);
        }
        expect([...removeEmulationPrevention(escaped)]).toEqual([...payload]);
      }),
    );
  });

  test('a payload without escapes is not copied', () => {
    const payload = Uint8Array.of(1, 0, 0, 5);
    expect(removeEmulationPrevention(payload)).toBe(payload);
  });
});

describe('length-prefixed access units', () => {
  test('split what was joined', () => {
    fc.assert(
      fc.property(fc.array(nal, { maxLength: 5 }), (nals) => {
        expect(splitLengthPrefixed(toLengthPrefixed(nals)).map((n) => [...n])).toEqual(
          nals.map((n) => [...n]),
        );
      }),
    );
  });

  test('a length beyond the end stops the split', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const total = splitLengthPrefixed(bytes).reduce((sum, n) => sum + n.length + 4, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
