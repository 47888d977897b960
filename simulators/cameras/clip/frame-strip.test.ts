import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrameStrip } from './frame-strip.ts';

function drawStrip(scene: number, frame: number): number[] {
  const data = [...scene.toString(2).padStart(4, '0'), ...frame.toString(2).padStart(8, '0')].map(Number);
  const parity = data.filter((bit) => bit === 1).length % 2;
  return [1, 0, ...data, parity, 1 - parity].map((bit) => bit * 255);
}

describe('readFrameStrip', () => {
  it('reads scene and frame through noise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(239),
        fc.array(fc.nat(80), { minLength: 16, maxLength: 16 }),
        (scene, frame, noise) => {
          const luma = drawStrip(scene, frame).map((value, i) => Math.abs(value - (noise[i] ?? 0)));
          expect(readFrameStrip(luma)).toEqual({ scene, frame });
        },
      ),
    );
  });

  it('refuses a strip with one wrong block, a grey block or another number of blocks', () => {
    const strip = drawStrip(3, 77);
    for (const i of strip.keys()) {
      expect(readFrameStrip(strip.with(i, 255 - (strip[i] ?? 0)))).toBeUndefined();
      expect(readFrameStrip(strip.with(i, 128))).toBeUndefined();
    }
    expect(readFrameStrip(strip.slice(1))).toBeUndefined();
    expect(readFrameStrip(Array(16).fill(0))).toBeUndefined();
  });
});
