import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitWriter } from './bit-writer.fixture.ts';
import { addEmulationPrevention } from './emulation-prevention.ts';
import { parseH264Pps } from './h264-pps.ts';
import { hasRecoveryPoint } from './h264-sei.ts';
import { parseH264Slice } from './h264-slice.ts';
import { parseH264Sps } from './h264-sps.ts';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('SPS', () => {
  test('Baseline 1280x720 at 15 frames a second', () => {
    expect(parseH264Sps(fromHex('6742c01fd9005005bbff0003000410000003001000000301e0f18324'))).toEqual({
      id: 0,
      profileIdc: 66,
      constraintFlags: 0xc0,
      levelIdc: 31,
      chromaFormat: 1,
      bitDepth: 8,
      width: 1280,
      height: 720,
      interlaced: false,
      frameRate: 15,
      maxReorderFrames: 0,
      codec: 'avc1.42C01F',
    });
  });

  test('High 1920x1080: coded as 1088 lines, cropped; B frames announced', () => {
    expect(
      parseH264Sps(fromHex('67640028acd940780227e5ffc000c00104000003000400000300c83c60c658')),
    ).toMatchObject({ width: 1920, height: 1080, frameRate: 25, maxReorderFrames: 2, codec: 'avc1.640028' });
  });

  test('Main 320x180 without B frames', () => {
    expect(parseH264Sps(fromHex('674d400bd901419f9fff000300041000000300100000030100f142a480'))).toMatchObject(
      {
        width: 320,
        height: 180,
        frameRate: 8,
        maxReorderFrames: 0,
        codec: 'avc1.4D400B',
      },
    );
  });

  test('interlaced 720x576: map units count twice', () => {
    expect(parseH264Sps(fromHex('6764001eacd940b424dff8008000788000000300800000190f8a14cb'))).toMatchObject({
      width: 720,
      height: 576,
      interlaced: true,
      frameRate: 25,
    });
  });

  test('scaling lists, 4:2:2 and a VUI that ends too early leave the picture size right', () => {
    const writer = new BitWriter().bits(122, 8).bits(0, 8).bits(41, 8).unsigned(0).unsigned(2).unsigned(2);
    writer.unsigned(2).bits(0, 1).bits(1, 1);
    for (let list = 0; list < 8; list += 1) {
      writer.bits(list === 1 || list === 7 ? 1 : 0, 1);
      if (list === 1) writer.signed(-8); // "use the default list": ends after one code
      if (list === 7) for (let i = 0; i < 64; i += 1) writer.signed(i % 2 === 0 ? 1 : -1);
    }
    writer.unsigned(0).unsigned(1).bits(0, 1).signed(-3).signed(4).unsigned(2).signed(1).signed(2);
    writer.unsigned(4).bits(0, 1).unsigned(39).unsigned(29).bits(1, 1).bits(1, 1);
    writer.bits(1, 1).unsigned(1).unsigned(2).unsigned(3).unsigned(4).bits(1, 1).bits(1, 1);
    expect(parseH264Sps(Uint8Array.of(0x67, ...addEmulationPrevention(writer.payload())))).toMatchObject({
      width: 640 - 2 * 3,
      height: 480 - 7,
      bitDepth: 10,
      frameRate: null,
      maxReorderFrames: null,
    });
  });

  test('reads any size that an encoder writes', () => {
    const side = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 7 }), (widthInMbs, heightInMbs, crop) => {
        const writer = new BitWriter().bits(77, 8).bits(0x40, 8).bits(31, 8).unsigned(0);
        writer.unsigned(0).unsigned(2).unsigned(1).bits(0, 1);
        writer.unsigned(widthInMbs - 1).unsigned(heightInMbs - 1);
        writer.bits(1, 1).bits(1, 1).bits(1, 1).unsigned(0).unsigned(crop).unsigned(0).unsigned(crop);
        writer.bits(0, 1);
        const sps = parseH264Sps(Uint8Array.of(0x67, ...addEmulationPrevention(writer.payload())));
        expect(sps).toMatchObject({ width: widthInMbs * 16 - 2 * crop, height: heightInMbs * 16 - 2 * crop });
      }),
    );
  });

  test('garbage and every cut of a good SPS never throw, and cuts before the size are refused', () => {
    const good = fromHex('67640028acd940780227e5ffc000c00104000003000400000300c83c60c658');
    for (let cut = 0; cut < 8; cut += 1) expect(parseH264Sps(good.subarray(0, cut))).toBeNull();
    for (let cut = 8; cut < good.length; cut += 1) parseH264Sps(good.subarray(0, cut));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const sps = parseH264Sps(Uint8Array.of(0x67, ...bytes));
        if (sps !== null) expect(sps.width * sps.height).toBeGreaterThan(0);
      }),
    );
  });
});

describe('PPS', () => {
  test('tells which SPS it belongs to', () => {
    expect(parseH264Pps(fromHex('68ebe3cb22c0'))).toEqual({ id: 0, spsId: 0, cabac: true });
    expect(parseH264Pps(fromHex('68cb83cb20'))).toEqual({ id: 0, spsId: 0, cabac: false });
  });

  test('what is not a PPS, empty or endless zeros are refused', () => {
    for (const hex of ['', '68', '67eb', '6800000000000000000000000000']) {
      expect(parseH264Pps(fromHex(hex))).toBeNull();
    }
  });
});

describe('slice header', () => {
  const slice = (firstMb: number, type: number, pps: number) =>
    Uint8Array.of(
      0x41,
      ...addEmulationPrevention(new BitWriter().unsigned(firstMb).unsigned(type).unsigned(pps).payload()),
    );

  test('tells I, P and B and where the slice begins', () => {
    expect(parseH264Slice(slice(0, 7, 0))).toEqual({ firstMb: 0, type: 'I', ppsId: 0 });
    expect(parseH264Slice(slice(1800, 0, 3))).toEqual({ firstMb: 1800, type: 'P', ppsId: 3 });
    expect(parseH264Slice(slice(0, 6, 0))).toEqual({ firstMb: 0, type: 'B', ppsId: 0 });
  });

  test('other NAL units and cut headers are refused', () => {
    expect(parseH264Slice(fromHex('6742c01f'))).toBeNull();
    expect(parseH264Slice(fromHex('41'))).toBeNull();
    expect(parseH264Slice(new Uint8Array())).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void parseH264Slice(bytes)));
  });
});

describe('SEI', () => {
  test('a recovery point is found behind other messages', () => {
    expect(hasRecoveryPoint(fromHex('0605020102060488408080'))).toBe(true);
    expect(hasRecoveryPoint(fromHex('060502010280'))).toBe(false);
    expect(hasRecoveryPoint(fromHex('06ff'))).toBe(false);
    fc.assert(fc.property(fc.uint8Array(), (b) => void hasRecoveryPoint(Uint8Array.of(6, ...b))));
  });
});
