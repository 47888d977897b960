import { describe, expect, it } from 'vitest';
import { visibleRange } from './visible-range.ts';

const box = { scrollTop: 0, height: 400, rowHeight: 40, rows: 1000, margin: 2 };

describe('the drawn part of a long list', () => {
  it('begins at the first row and ends a margin below the box', () => {
    expect(visibleRange(box)).toEqual({ first: 0, end: 12 });
  });

  it('follows the scroll position with a margin on both sides', () => {
    expect(visibleRange({ ...box, scrollTop: 4020 })).toEqual({ first: 98, end: 113 });
  });

  it('ends with the last row', () => {
    expect(visibleRange({ ...box, scrollTop: 39_600 })).toEqual({ first: 988, end: 1000 });
  });

  it('is empty for an empty list, wherever an old scroll position stands', () => {
    expect(visibleRange({ ...box, rows: 0, scrollTop: 900 })).toEqual({ first: 0, end: 0 });
  });
});
