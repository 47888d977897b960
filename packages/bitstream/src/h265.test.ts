import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isH265Irap } from './h265-nal.ts';
import { parseH265PpsId, parseH265Sps, parseH265VpsId } from './h265-parameter-sets.ts';
import { videoFacts } from './video-facts.ts';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const VPS = fromHex('40010c01ffff01600000030090000003000003007895980900');
const SPS = fromHex(
  '420101016000000300900000030000030078a003c08010e596566924cafff00030004680800000030080000'.padEnd(94, '0'),
);
const PPS = fromHex('4401c172b46240');

test('SPS: size inside the conformance window, depth and the hvc1 codec string', () => {
  expect(parseH265Sps(SPS)).toMatchObject({
    id: 0,
    profileIdc: 1,
    levelIdc: 120,
    highTier: false,
    width: 1920,
    height: 1080,
    bitDepth: 8,
    codec: 'hvc1.1.6.L120.90',
  });
});

test('VPS and PPS tell their ids', () => {
  expect(parseH265VpsId(VPS)).toBe(0);
  expect(parseH265PpsId(PPS)).toBe(0);
  expect(parseH265VpsId(PPS)).toBeNull();
  expect(parseH265PpsId(VPS)).toBeNull();
});

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      parseH265Sps(Uint8Array.of(0x42, 0x01, ...bytes));
      parseH265PpsId(Uint8Array.of(0x44, 0x01, ...bytes));
    }),
  );
});

test('BLA, IDR and CRA are places to begin, trailing pictures are not', () => {
  expect([16, 19, 20, 21].every(isH265Irap)).toBe(true);
  expect([0, 1, 9, 24, 32].some(isH265Irap)).toBe(false);
});

test('both codecs answer the same questions', () => {
  expect(videoFacts('h265', SPS)).toMatchObject({ codec: 'hvc1.1.6.L120.90', width: 1920, frameRate: null });
  expect(videoFacts('h264', SPS)).toBeNull();
});
