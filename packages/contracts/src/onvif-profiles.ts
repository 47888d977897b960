import { z } from 'zod';

/** What a device says that it can do. */
export const OnvifCapabilities = z.object({
  ptz: z.boolean(),
  events: z.boolean(),
  media2: z.boolean(),
  analytics: z.boolean(),
  /** Some profile carries sound. */
  audio: z.boolean(),
});
export type OnvifCapabilities = z.infer<typeof OnvifCapabilities>;

/** One media profile as the device lists it. */
export const OfferedProfile = z.object({
  token: z.string(),
  codec: z.string(),
  width: z.int(),
  height: z.int(),
  frameRate: z.number().nullable(),
  /** Kilobits a second, as configured; null when it does not say. */
  bitrateKbps: z.number().nullable(),
});
export type OfferedProfile = z.infer<typeof OfferedProfile>;

const token = z.string().min(1).max(128);
/** PUT /api/v1/cameras/{id}/profiles; `null` for main and sub leaves the choice to us again. */
export const ProfileChoice = z.union([
  z.strictObject({ main: token, sub: token.nullable() }),
  z.strictObject({ main: z.null(), sub: z.null() }),
]);
export type ProfileChoice = z.infer<typeof ProfileChoice>;

/** GET /api/v1/cameras/{id}/profiles. */
export const CameraProfiles = z.object({
  offered: z.array(OfferedProfile.extend({ use: z.enum(['main', 'sub']).nullable() })),
  /** Chosen by hand, and kept as long as the device offers it. */
  isByHand: z.boolean(),
  capabilities: OnvifCapabilities.nullable(),
  /** Seconds that its clock is ahead of ours; null when it was not read. */
  clockSkewSeconds: z.number().nullable(),
  readAt: z.iso.datetime().nullable(),
});
export type CameraProfiles = z.infer<typeof CameraProfiles>;
