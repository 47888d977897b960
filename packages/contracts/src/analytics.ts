import { z } from 'zod';
import { TimeZone } from './grant.ts';
import { CameraId } from './ids.ts';

/**
 * A view counts where it ended: `from` inclusive, `to` exclusive, at most 400 days apart; the last 7 days without.
 * By hour at most 92 days.
 */
const range = {
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
};

export const WatchTimeBy = z.enum(['camera', 'user', 'hour', 'protocol']);
export type WatchTimeBy = z.infer<typeof WatchTimeBy>;

/** Query of GET /api/v1/analytics/watch-time. */
export const WatchTimeQuery = z.strictObject({
  by: WatchTimeBy,
  ...range,
  /** Whose hours of the day, for `by=hour`. */
  timeZone: TimeZone.default('UTC'),
  /** The most watched ones; hours are all 24. */
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type WatchTimeQuery = z.infer<typeof WatchTimeQuery>;

const watched = {
  /** Of pictures that were delivered, all views together. */
  seconds: z.int(),
  /** For an hour of the day: those that ran in it. */
  views: z.int(),
  bytes: z.number(),
};

export const WatchTimeItem = z.object({
  /** Id of the camera, user or token; hour `0` to `23`; protocol. */
  key: z.string(),
  /** What it is called now; null when it is gone, and for hours and protocols. */
  name: z.string().nullable(),
  ...watched,
});
export type WatchTimeItem = z.infer<typeof WatchTimeItem>;

/** GET /api/v1/analytics/watch-time. */
export const WatchTime = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** The most watched first; hours in their order. */
  items: z.array(WatchTimeItem),
  /** Of all, also those beyond `limit`. */
  total: z.object(watched),
});
export type WatchTime = z.infer<typeof WatchTime>;

/** Query of GET /api/v1/analytics/cameras, beside `limit` and `cursor`. */
export const CameraUseQuery = z.strictObject({
  /** The most watched first, or those that nobody has watched, by name. */
  sort: z.enum(['most', 'never']).default('most'),
  ...range,
});

/** GET /api/v1/analytics/cameras item. */
export const CameraUse = z.object({ cameraId: CameraId, name: z.string(), ...watched });
export type CameraUse = z.infer<typeof CameraUse>;
