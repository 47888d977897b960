import { describe, expect, it } from 'vitest';
import { formatAge } from './format-age.ts';
import { formatBitRate } from './format-bit-rate.ts';
import { formatBytes } from './format-bytes.ts';
import { formatPicture } from './format-picture.ts';

describe('figures for people', () => {
  it.each([
    [0, '0 bit/s'],
    [850_400, '850 kbit/s'],
    [999_600, '1.00 Mbit/s'],
    [1_240_000, '1.24 Mbit/s'],
    [15_000_000, '15.0 Mbit/s'],
    [1_500_000_000, '1.50 Gbit/s'],
  ])('%d bits a second read %s', (bits, text) => {
    expect(formatBitRate(bits)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1024, '1.0 KiB'],
    [1_500_000_000, '1.4 GiB'],
    [200 * 1024 * 1024, '200 MiB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_500_000, '2 h 5 min'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms read %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  it('says of a picture only what is known', () => {
    expect(formatPicture({ width: 1280, height: 720, frameRate: 14.98 })).toBe('1280×720 · 15 fps');
    expect(formatPicture({ width: null, height: 720, frameRate: 8 })).toBe('8 fps');
    expect(formatPicture({ width: null, height: null, frameRate: null })).toBe('');
  });
});
