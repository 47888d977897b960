import {
  CameraId,
  CameraProfile,
  CameraRendition,
  CertificateCheck,
  GroupId,
  OfferedProfile,
  OnvifCapabilities,
  PublishVia,
  RtspTransport,
  SiteId,
  TenantId,
} from '@vedette/contracts';
import { z } from 'zod';

const username = z.string().optional();

/** Where pictures come from, as stored: without the password. */
export const StoredSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rtsp'),
    url: z.string(),
    subUrl: z.string().optional(),
    transport: RtspTransport,
    certificate: CertificateCheck.optional(),
    username,
  }),
  z.object({ kind: z.literal('onvif'), host: z.string(), port: z.int(), transport: RtspTransport, username }),
  z.object({ kind: z.literal('file'), file: z.string(), loop: z.boolean() }),
  z.object({ kind: z.literal('http'), url: z.string(), loop: z.boolean(), username }),
  z.object({ kind: z.literal('http-audio'), url: z.string(), username }),
  z.object({ kind: z.literal('publish'), via: PublishVia, port: z.int().optional(), username }),
]);
export type StoredSource = z.infer<typeof StoredSource>;
/** The kinds that are asked by RTSP. */
export type CameraSource = Extract<StoredSource, { kind: 'rtsp' | 'onvif' }>;

/** One profile and where it plays; empty where the source itself says all. The URL never holds credentials. */
export const ResolvedProfile = CameraProfile.extend({
  url: z.string(),
  /** What an ONVIF device calls it, safe to stand in XML. */
  token: z.string().optional(),
  /** Where the camera itself answers a JPEG; with main only. */
  snapshotUrl: z.string().optional(),
});
export type ResolvedProfile = z.infer<typeof ResolvedProfile>;

/** What others are told of a profile. */
export function offeredProfile({ name, codec, width, height, frameRate }: ResolvedProfile): CameraProfile {
  return { name, codec, width, height, frameRate };
}

export const Device = z.object({
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  serial: z.string(),
});
export type Device = z.infer<typeof Device>;

/** Where the main stream is sent to; the stream key or passphrase in its envelope. */
export const StoredOutput = z.object({
  id: z.string(),
  via: z.enum(['rtmp', 'srt']),
  url: z.string(),
  streamId: z.string().optional(),
  sealedSecret: z.unknown().nullable(),
});
export type StoredOutput = z.infer<typeof StoredOutput>;

/** What an ONVIF device offers in all, and which of it somebody has chosen by hand. */
export const OnvifFacts = z.object({
  offered: z.array(OfferedProfile),
  capabilities: OnvifCapabilities.nullable(),
  clockSkewSeconds: z.number().nullable(),
  /** ISO 8601; null while only the choice is known. */
  readAt: z.string().nullable(),
  choice: z.object({ main: z.string(), sub: z.string().nullable() }).nullable(),
});
export type OnvifFacts = z.infer<typeof OnvifFacts>;

/** A camera as the database holds it. */
export const CameraRecord = z.object({
  id: CameraId,
  tenantId: TenantId,
  siteId: SiteId.nullable(),
  groupIds: z.array(GroupId),
  tags: z.array(z.string()),
  tier: z.int(),
  pathName: z.string().nullable(),
  maxConnections: z.int().nullable(),
  watched: z.boolean(),
  name: z.string(),
  source: StoredSource,
  sourceRevision: z.int(),
  /** An envelope, or null when the camera asks for no password. */
  sealedPassword: z.unknown().nullable(),
  pull: z.enum(['on-demand', 'always-on']),
  idleTtlSeconds: z.int(),
  renditions: z.array(CameraRendition),
  outputs: z.array(StoredOutput),
  profiles: z.array(ResolvedProfile),
  device: Device.nullable(),
  onvif: OnvifFacts.nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type CameraRecord = z.infer<typeof CameraRecord>;
