import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.fixture.ts';

test('reads back whatever mix of fixed and exp-Golomb codes was written', () => {
  const code = fc.oneof(
    fc.record({ kind: fc.constant('u' as const), value: fc.integer({ min: 0, max: 2 ** 31 }) }),
    fc.record({ kind: fc.constant('s' as const), value: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }) }),
    fc.record({ kind: fc.constant('f' as const), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  );
  fc.assert(
    fc.property(fc.array(code, { maxLength: 30 }), (codes) => {
      const writer = new BitWriter();
      for (const { kind, value } of codes) {
        if (kind === 'u') writer.unsigned(value);
        else if (kind === 's') writer.signed(value);
        else writer.bits(value, 32);
      }
      const reader = new BitReader(writer.payload());
      for (const { kind, value } of codes) {
        const read = kind === 'u' ? reader.unsigned() : kind === 's' ? reader.signed() : reader.bits(32);
        expect(read).toBe(value);
      }
      expect(reader.overrun).toBe(false);
    }),
  );
});

test('past the end it yields zeros and says so', () => {
  const reader = new BitReader(Uint8Array.of(0xff));
  expect(reader.bits(8)).toBe(255);
  expect(reader.overrun).toBe(false);
  expect(reader.unsigned()).toBe(0);
  expect(reader.overrun).toBe(true);
});

test('an endless run of zeros is garbage, not an endless loop', () => {
  const reader = new BitReader(new Uint8Array(100));
  expect(reader.unsigned()).toBe(0);
  expect(reader.overrun).toBe(true);
});
