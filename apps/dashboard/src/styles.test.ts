import { describe, expect, it } from 'vitest';
import { readStyles } from './styles.fixture.ts';

const AA_TEXT = 4.5;
const AA_GRAPHIC = 3;
const TEXTS = ['text', 'muted', 'faint', 'accent', 'good', 'busy', 'warn', 'bad'] as const;
const SURFACES = ['bg', 'surface', 'raised', 'hover'] as const;

describe.each(['dark', 'light'] as const)('the %s palette (WCAG 2.2 AA)', (theme) => {
  const colour = readStyles(theme);

  it.each(TEXTS.flatMap((text) => SURFACES.map((surface) => [text, surface] as const)))(
    '%s on %s can be read',
    (text, surface) => {
      expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(AA_TEXT);
    },
  );

  it.each([
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
    ['accent', 'accent-soft'],
    ['warn', 'warn-soft'],
    ['text', 'warn-soft'],
    ['text', 'bad-soft'],
    ['muted', 'bad-soft'],
    ['bad', 'bad-soft'],
  ] as const)('%s on %s can be read', (text, surface) => {
    expect(contrast(colour(text), colour(surface))).toBeGreaterThanOrEqual(AA_TEXT);
  });

  it.each(['bg', 'surface'] as const)('edges of fields on %s can be seen', (surface) => {
    expect(contrast(colour('field-line'), colour(surface))).toBeGreaterThanOrEqual(AA_GRAPHIC);
  });
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
