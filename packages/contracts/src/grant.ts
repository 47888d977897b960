import { z } from 'zod';
import { CameraId, GroupId, SiteId } from './ids.ts';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** IANA name, `Europe/Berlin`. */
export const TimeZone = z.string().max(64).refine(isTimeZone, 'is not a time zone');
/** `HH:MM`, 00:00 to 23:59. */
export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time as HH:MM');
/** 1 Monday to 7 Sunday (ISO 8601). */
export const Weekday = z.int().min(1).max(7);

/**
 * Hours that come back every week. `to` is not part of it; where it is not after `from`, the hours run over
 * midnight and belong to the day on which they begin.
 */
export const TimeWindow = z.strictObject({
  days: z.array(Weekday).min(1).max(7),
  from: TimeOfDay,
  to: TimeOfDay,
  timeZone: TimeZone,
});
export type TimeWindow = z.infer<typeof TimeWindow>;

/** Cameras that somebody may work with, as far as the role goes. */
export const GrantScope = z.discriminatedUnion('kind', [
  /** Every camera of the tenant, also those to come. */
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('site'), id: SiteId }),
  z.strictObject({ kind: z.literal('group'), id: GroupId }),
  z.strictObject({ kind: z.literal('camera'), id: CameraId }),
]);
export type GrantScope = z.infer<typeof GrantScope>;

export const Grant = z.strictObject({
  scope: GrantScope,
  /** At any time when absent. */
  window: TimeWindow.optional(),
  /** For ever when absent. */
  until: z.iso.datetime({ offset: true }).optional(),
});
export type Grant = z.infer<typeof Grant>;

export const Grants = z.array(Grant).max(200);
export const ALL_CAMERAS: readonly Grant[] = [{ scope: { kind: 'all' } }];
