import { CameraId, CameraProfile, RtspTransport } from '@vedette/contracts';
import { z } from 'zod';

const username = z.string().optional();

/** Where pictures come from, as stored: without the password. */
export const StoredSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rtsp'),
    url: z.string(),
    subUrl: z.string().optional(),
    transport: RtspTransport,
    username,
  }),
  z.object({ kind: z.literal('onvif'), host: z.string(), port: z.int(), transport: RtspTransport, username }),
]);
export type StoredSource = z.infer<typeof StoredSource>;

/** One profile and where it plays; the URL never holds credentials. */
export const ResolvedProfile = CameraProfile.extend({ url: z.string() });
export type ResolvedProfile = z.infer<typeof ResolvedProfile>;

export const Device = z.object({
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  serial: z.string(),
});
export type Device = z.infer<typeof Device>;

/** A camera as the database holds it. */
export const CameraRecord = z.object({
  id: CameraId,
  name: z.string(),
  source: StoredSource,
  sourceRevision: z.int(),
  /** An envelope, or null when the camera asks for no password. */
  sealedPassword: z.unknown().nullable(),
  pull: z.enum(['on-demand', 'always-on']),
  idleTtlSeconds: z.int(),
  profiles: z.array(ResolvedProfile),
  device: Device.nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type CameraRecord = z.infer<typeof CameraRecord>;
