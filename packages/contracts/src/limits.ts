import { z } from 'zod';
import { TenantId } from './ids.ts';

const views = (most: number) => z.int().min(0).max(most);

/** Views at once of cameras whose path name fits: agencies have theirs. */
export const QuotaGroup = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** `police_*`; `*` stands for anything, a camera belongs to the first that fits. */
  pattern: z.string().regex(/^[a-z0-9_*-]{1,80}$/, 'is letters, digits, underscore, dash and *'),
  maxViews: views(1_000_000),
});
export type QuotaGroup = z.infer<typeof QuotaGroup>;

/** PUT /api/v1/limits: how much a tenant may use at once. Each is checked in the same step as all others. */
export const Limits = z.strictObject({
  /** Of one person, in whatever browsers. */
  viewsPerUser: views(10_000).default(50),
  viewsPerToken: views(100_000).default(500),
  /** Of one camera, by protocol. */
  camera: z
    .strictObject({
      webrtc: views(10_000).default(100),
      hls: views(1_000_000).default(10_000),
      rtsp: views(10_000).default(20),
    })
    .prefault({}),
  /** Of the whole tenant; null: no limit of its own. */
  tenantViews: views(1_000_000).nullable().default(null),
  quotaGroups: z
    .array(QuotaGroup)
    .max(100)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'names a group twice')
    .default([]),
  /** Of all quota groups together; null: the sum of theirs. */
  quotaTotal: views(1_000_000).nullable().default(null),
});
export type Limits = z.infer<typeof Limits>;

/** Body of PUT: `basedOn` is the version that was read, so that nobody overwrites what he has not seen. */
export const LimitsChange = z.strictObject({ basedOn: z.int().min(0).max(1_000_000_000), limits: Limits });
export type LimitsChange = z.infer<typeof LimitsChange>;

export const LimitsView = z.object({
  tenantId: TenantId,
  /** 0: never set, these are the defaults. */
  version: z.int(),
  limits: Limits,
  /** What is in use now, beside what may be. */
  usage: z.object({
    tenantViews: z.int(),
    quotaGroups: z.array(z.object({ name: z.string(), views: z.int(), maxViews: z.int() })),
    quotaTotal: z.int(),
  }),
});
export type LimitsView = z.infer<typeof LimitsView>;
