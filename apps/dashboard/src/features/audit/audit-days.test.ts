import { describe, expect, it } from 'vitest';
import { localDay } from './audit-days.ts';

describe('days of the audit', () => {
  it('are those of the person who looks, over the ends of months and years', () => {
    expect(localDay(new Date(2026, 10, 21, 0, 5).getTime())).toBe('2026-11-21');
    expect(localDay(new Date(2026, 10, 21, 23, 55).getTime(), -1)).toBe('2026-11-20');
    expect(localDay(new Date(2027, 0, 1, 12).getTime(), -1)).toBe('2026-12-31');
  });
});
