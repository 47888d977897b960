import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildAacConfig, parseAacConfig } from './aac-config.ts';
import { parseAdtsFrame } from './adts-frame.ts';
import { parseMp3Frame } from './mp3-frame.ts';
import { opusSamples } from './opus-samples.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

describe('AudioSpecificConfig', () => {
  test.each([
    ['1190', { objectType: 2, sampleRate: 48_000, channels: 2, samplesPerFrame: 1024 }],
    ['1408', { objectType: 2, sampleRate: 16_000, channels: 1, samplesPerFrame: 1024 }],
    ['2b11880800', { objectType: 5, sampleRate: 24_000, channels: 2, samplesPerFrame: 1024 }],
    ['1194', { objectType: 2, sampleRate: 48_000, channels: 2, samplesPerFrame: 960 }],
  ])('%s is read', (text, config) => {
    expect(parseAacConfig(hex(text))).toEqual(config);
  });

  test('what is built is read back, unusual rates too', () => {
    for (const sampleRate of [8000, 16_000, 44_100, 48_000, 12_345]) {
      for (const channels of [1, 2, 6, 8]) {
        expect(parseAacConfig(buildAacConfig({ objectType: 2, sampleRate, channels }))).toMatchObject({
          objectType: 2,
          sampleRate,
          channels,
        });
      }
    }
  });
});

test('an ADTS header gives the lengths and the AudioSpecificConfig', () => {
  expect(parseAdtsFrame(hex('fff15080017ffc00'))).toEqual({
    headerBytes: 7,
    frameBytes: 11,
    sampleRate: 44_100,
    channels: 2,
    config: hex('1210'),
  });
  expect(parseAdtsFrame(hex('fffb9064'))).toBeNull();
});

test('an MP3 header gives length, rate and channels', () => {
  expect(parseMp3Frame(hex('fffb9064'))).toEqual({
    frameBytes: 417,
    sampleRate: 44_100,
    channels: 2,
    samples: 1152,
  });
  expect(parseMp3Frame(hex('fff384c4'))).toMatchObject({ sampleRate: 24_000, channels: 1, samples: 576 });
  // Layer II.
  expect(parseMp3Frame(hex('fffd8004'))).toBeNull();
});

test('the length of an Opus packet comes from its TOC', () => {
  expect(opusSamples(hex('f800'))).toBe(120 * 8);
  expect(opusSamples(hex('7900'))).toBe(2 * 960);
  expect(opusSamples(hex('fb03'))).toBe(3 * 960);
  expect(opusSamples(hex('1b3f'))).toBe(0);
  expect(opusSamples(new Uint8Array())).toBe(0);
});

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (data) => {
      parseAacConfig(data);
      parseAdtsFrame(data);
      parseMp3Frame(data);
      expect(opusSamples(data)).toBeGreaterThanOrEqual(0);
    }),
  );
});
