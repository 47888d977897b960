/** Blocks of the strip along the bottom edge of every clip; its height is 1/15 of the picture's. */
export const STRIP_BLOCKS = 16;

export interface FrameStrip {
  /** From 1, in the order of SCENES. */
  readonly scene: number;
  /** Index of the picture within its clip. */
  readonly frame: number;
}

/**
 * Reads the strip that fixtures/clips/make-clips.sh burns in. `luma` is the brightness (0-255) at the
 * centre of each of the 16 blocks from left to right. Nothing when it is no strip: the guard blocks or the
 * parity are wrong, or a block is neither dark nor bright.
 */
export function readFrameStrip(luma: readonly number[]): FrameStrip | undefined {
  if (luma.length !== STRIP_BLOCKS || luma.some((value) => value > 90 && value < 165)) return undefined;
  const bits = luma.map((value) => (value > 127 ? 1 : 0));
  const number = (from: number, to: number) =>
    bits.slice(from, to).reduce<number>((sum, bit) => sum * 2 + bit, 0);
  const parity = bits.slice(2, 14).reduce<number>((sum, bit) => sum ^ bit, 0);
  const sound = bits[0] === 1 && bits[1] === 0 && bits[14] === parity && bits[15] === 1 - parity;
  return sound ? { scene: number(2, 6), frame: number(6, 14) } : undefined;
}
