import { z } from 'zod';
import { TimeZone } from './grant.ts';
import { GroupId, RecorderId, SiteId } from './ids.ts';

const name = z.string().trim().min(1).max(100);

/** POST /api/v1/sites: a place with cameras, and the line that leads there. */
export const SiteInput = z.strictObject({
  name,
  timeZone: TimeZone.default('UTC'),
  /** Streams that its line bears at once; null: as many as are asked for. */
  maxPulls: z.int().min(1).max(100_000).nullable().default(null),
});
export type SiteInput = z.infer<typeof SiteInput>;
export const SiteChange = z.strictObject({
  name: name.optional(),
  timeZone: TimeZone.optional(),
  maxPulls: z.int().min(1).max(100_000).nullable().optional(),
});
export type SiteChange = z.infer<typeof SiteChange>;
export const SiteView = z.object({
  id: SiteId,
  name: z.string(),
  timeZone: z.string(),
  maxPulls: z.int().nullable(),
  cameras: z.int(),
});
export type SiteView = z.infer<typeof SiteView>;

/** POST and PATCH /api/v1/groups: cameras that belong together, wherever they are. */
export const GroupInput = z.strictObject({ name });
export type GroupInput = z.infer<typeof GroupInput>;
export const GroupView = z.object({ id: GroupId, name: z.string(), cameras: z.int() });
export type GroupView = z.infer<typeof GroupView>;

/** POST /api/v1/recorders: a device that carries several cameras and bears so many connections in all. */
export const RecorderInput = z.strictObject({
  name,
  /** As it stands in the addresses of its cameras: a name or an IP address. */
  host: z.string().trim().toLowerCase().min(1).max(255),
  maxConnections: z.int().min(1).max(10_000),
});
export type RecorderInput = z.infer<typeof RecorderInput>;
export const RecorderChange = RecorderInput.partial();
export type RecorderChange = z.infer<typeof RecorderChange>;
export const RecorderView = z.object({
  id: RecorderId,
  name: z.string(),
  host: z.string(),
  maxConnections: z.int(),
  /** Cameras whose source is on that host. */
  cameras: z.int(),
});
export type RecorderView = z.infer<typeof RecorderView>;
