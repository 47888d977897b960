import { describe, expect, it } from 'vitest';
import { judgeLine, streamKey } from './rtmp-key-check.ts';

const decoy = '0123456789abcdef0123456789abcdef';
const line = (name: string) => `[rtmp @ 0x55d0] Unexpected stream ${name}, expecting ${decoy}`;

describe('the stream key of an RTMP encoder', () => {
  it('is user name and password, or the password alone', () => {
    expect(streamKey('van', 'secret')).toBe('van-secret');
    expect(streamKey('', 'secret')).toBe('secret');
  });

  it.each([
    [line('van-secret'), 'right'],
    [line('van-secre'), 'wrong'],
    [line(''), 'wrong'],
    [line(`van-secret, expecting ${decoy} x`), 'wrong'],
    [line('x').replace(decoy, 'ffff'), 'wrong'],
    ["[rtmp @ 0x55d0] App field don't match up: a <-> live", 'nothing'],
    ['Unexpected stream van-secret, expecting', 'nothing'],
  ])('is taken from what FFmpeg says: %s', (said, verdict) => {
    expect(judgeLine(said, 'van-secret', decoy)).toBe(verdict);
  });
});
