import '../../../../tests/support/property-seed.ts';
import type { TimeWindow } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalTimes } from './local-time.ts';

const times = new LocalTimes();
const MINUTE = 60_000;
const at = (text: string) => Date.parse(text);
const inBerlin = (days: number[], from: string, to: string): TimeWindow => ({
  days,
  from,
  to,
  timeZone: 'Europe/Berlin',
});
const within = (window: TimeWindow, text: string) => times.isWithin(window, at(text));
/** Minutes of a day, counted from an instant on, at which a window is open. */
const openMinutes = (window: TimeWindow, from: string, hours = 24) =>
  Array.from({ length: hours * 60 }, (_, i) => at(from) + i * MINUTE).filter((nowMs) =>
    times.isWithin(window, nowMs),
  ).length;

describe('hours', () => {
  it('hold from their first minute up to the one that is not part of them', () => {
    // 2026-11-18 is a Wednesday.
    const window = inBerlin([3], '08:00', '16:30');
    expect(within(window, '2026-11-18T07:59:59+01:00')).toBe(false);
    expect(within(window, '2026-11-18T08:00:00+01:00')).toBe(true);
    expect(within(window, '2026-11-18T16:29:59+01:00')).toBe(true);
    expect(within(window, '2026-11-18T16:30:00+01:00')).toBe(false);
    expect(within(window, '2026-11-17T12:00:00+01:00')).toBe(false);
    expect(within(window, '2026-11-19T12:00:00+01:00')).toBe(false);
  });

  it('over midnight belong to the day on which they begin, also from Sunday to Monday', () => {
    const sunday = inBerlin([7], '22:00', '06:00');
    expect(within(sunday, '2026-11-22T21:59:00+01:00')).toBe(false);
    expect(within(sunday, '2026-11-22T22:00:00+01:00')).toBe(true);
    expect(within(sunday, '2026-11-23T00:00:00+01:00')).toBe(true);
    expect(within(sunday, '2026-11-23T05:59:00+01:00')).toBe(true);
    expect(within(sunday, '2026-11-23T06:00:00+01:00')).toBe(false);
    // The small hours of Sunday belong to Saturday's night.
    expect(within(sunday, '2026-11-22T02:00:00+01:00')).toBe(false);
  });

  it('from a time to the same time are a whole day, that begins then', () => {
    const wednesday = inBerlin([3], '09:00', '09:00');
    expect(within(wednesday, '2026-11-18T08:59:00+01:00')).toBe(false);
    expect(within(wednesday, '2026-11-18T09:00:00+01:00')).toBe(true);
    expect(within(wednesday, '2026-11-19T08:59:00+01:00')).toBe(true);
    expect(within(wednesday, '2026-11-19T09:00:00+01:00')).toBe(false);
  });

  it('are those of their own time zone, whatever day it is elsewhere', () => {
    const window = { days: [1], from: '00:00', to: '01:00', timeZone: 'Pacific/Auckland' };
    expect(within(window, '2026-11-22T11:00:00Z')).toBe(true);
    expect(within(window, '2026-11-23T00:30:00Z')).toBe(false);
  });
});

describe('when clocks change', () => {
  const everyDay = [1, 2, 3, 4, 5, 6, 7];

  it('in spring, hours that the clocks leave out are not, and the night is an hour shorter', () => {
    expect(openMinutes(inBerlin(everyDay, '02:00', '03:00'), '2026-03-28T23:00:00Z', 23)).toBe(0);
    expect(openMinutes(inBerlin([6], '22:00', '06:00'), '2026-03-28T12:00:00Z')).toBe(7 * 60);
    expect(within(inBerlin([7], '01:00', '04:00'), '2026-03-29T01:59:00+01:00')).toBe(true);
    expect(within(inBerlin([7], '01:00', '04:00'), '2026-03-29T03:59:00+02:00')).toBe(true);
    expect(within(inBerlin([7], '01:00', '04:00'), '2026-03-29T04:00:00+02:00')).toBe(false);
  });

  it('in autumn, hours that the clocks show twice hold twice, and the night is an hour longer', () => {
    expect(openMinutes(inBerlin([7], '02:00', '03:00'), '2026-10-24T22:00:00Z', 25)).toBe(2 * 60);
    expect(openMinutes(inBerlin([6], '22:00', '06:00'), '2026-10-24T12:00:00Z')).toBe(9 * 60);
    const half = inBerlin([7], '02:00', '02:30');
    expect(within(half, '2026-10-25T02:29:00+02:00')).toBe(true);
    expect(within(half, '2026-10-25T02:30:00+02:00')).toBe(false);
    expect(within(half, '2026-10-25T02:15:00+01:00')).toBe(true);
    expect(within(half, '2026-10-25T02:30:00+01:00')).toBe(false);
  });
});

describe('any hours', () => {
  const twoDigits = (n: number) => String(n).padStart(2, '0');
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => `${twoDigits(hour)}:${twoDigits(minute)}`);
  const zone = fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC');
  const instant = fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2029-01-01T00:00:00Z') });

  it('and the hours that are left make up every moment, once', () => {
    fc.assert(
      fc.property(time, time, zone, instant, (from, to, timeZone, nowMs) => {
        fc.pre(from !== to);
        const days = [1, 2, 3, 4, 5, 6, 7];
        const inside = times.isWithin({ days, from, to, timeZone }, nowMs);
        const outside = times.isWithin({ days, from: to, to: from, timeZone }, nowMs);
        expect(inside).toBe(!outside);
      }),
    );
  });

  it('on one day or another are those on the one and those on the other', () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(days, days, time, time, zone, instant, (one, other, from, to, timeZone, nowMs) => {
        const on = (some: number[]) => times.isWithin({ days: some, from, to, timeZone }, nowMs);
        expect(on([...new Set([...one, ...other])])).toBe(on(one) || on(other));
      }),
    );
  });

  it('of a zone that is none are an error, and not open', () => {
    expect(() => times.at('Europe/Atlantis', 0)).toThrow(RangeError);
  });
});
