import { describe, expect, it } from 'vitest';
import { durationWords, spanOf } from './watch-time-words.ts';

describe('watch time in words', () => {
  it('is as exact as it is long', () => {
    expect(durationWords(40)).toBe('40 s');
    expect(durationWords(720)).toBe('12 min');
    expect(durationWords(3 * 3600 + 5 * 60)).toBe('3 h 05 min');
    expect(durationWords(3599)).toBe('1 h 00 min');
  });

  it('spans whole hours, so that a page that is looked at twice asks once', () => {
    const now = Date.parse('2026-11-21T10:20:00Z');
    expect(spanOf(7, now)).toEqual({ from: '2026-11-14T11:00:00.000Z', to: '2026-11-21T11:00:00.000Z' });
    expect(spanOf(1, now)).toEqual(spanOf(1, now + 60_000));
  });
});
