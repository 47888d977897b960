import type { TimeWindow } from '@vedette/contracts';

/** What the clocks of a place show. */
export interface LocalTime {
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
  /** Since local midnight. */
  readonly minutes: number;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MAX_ZONES = 500;

/** Local times by IANA time zone; remembers its formatters, which are dear to make. */
export class LocalTimes {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  /** Throws RangeError for a time zone that is none. */
  at(timeZone: string, nowMs: number): LocalTime {
    let format = this.#formats.get(timeZone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      if (this.#formats.size >= MAX_ZONES) this.#formats.clear();
      this.#formats.set(timeZone, format);
    }
    const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    return {
      weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1,
      minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  }

  /** Hours that run over midnight belong to the day on which they begin. */
  isWithin({ days, from, timeZone, to }: TimeWindow, nowMs: number): boolean {
    const { minutes, weekday } = this.at(timeZone, nowMs);
    const begin = minutesOf(from);
    const end = minutesOf(to);
    if (begin < end) return days.includes(weekday) && minutes >= begin && minutes < end;
    const dayBefore = weekday === 1 ? 7 : weekday - 1;
    return (days.includes(weekday) && minutes >= begin) || (days.includes(dayBefore) && minutes < end);
  }
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
