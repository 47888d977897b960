import type { StartRequest } from '@vedette/contracts';

const MOST_PIXELS = 16_384;
const MOST_TILES = 100;

/** What the picture will cover, in device pixels; undefined while the element has no size. */
export function tileOf(
  box: { readonly clientWidth: number; readonly clientHeight: number },
  devicePixelRatio: number,
  tiles: number | null,
): StartRequest['tile'] {
  const width = Math.round(box.clientWidth * devicePixelRatio);
  const height = Math.round(box.clientHeight * devicePixelRatio);
  if (width < 1 || height < 1) return undefined;
  return {
    width: Math.min(MOST_PIXELS, width),
    height: Math.min(MOST_PIXELS, height),
    ...(tiles === null ? {} : { tiles: Math.min(MOST_TILES, Math.max(1, tiles)) }),
  };
}
