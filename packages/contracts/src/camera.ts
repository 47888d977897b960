import { z } from 'zod';
import { CameraId, GroupId, ProfileName, SiteId } from './ids.ts';
import { ReasonCode } from './reason-code.ts';
import { CertificateCheck, PublishVia, RenditionSpec, RtspTransport } from './stream-source.ts';

const credentials = {
  username: z.string().max(255).optional(),
  /** Write-only: accepted, encrypted, never answered. */
  password: z.string().max(255).optional(),
};

/** What a caller sends. Credentials inside a URL are refused: they have fields of their own. */
export const CameraSourceInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rtsp'),
    url: z.string().max(2048),
    /** The camera's low-resolution stream, shown in grids. */
    subUrl: z.string().max(2048).optional(),
    transport: RtspTransport.default('tcp'),
    /** For `rtsps://`; by authorities when absent. */
    certificate: CertificateCheck.optional(),
    ...credentials,
  }),
  z.strictObject({
    kind: z.literal('onvif'),
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65535).default(80),
    transport: RtspTransport.default('tcp'),
    ...credentials,
  }),
  /** A path inside one of the node's FILE_FOLDERS. */
  z.strictObject({
    kind: z.literal('file'),
    file: z.string().min(1).max(1024),
    loop: z.boolean().default(true),
  }),
  /** A media file or endless media stream on a host of HTTP_SOURCE_HOSTS. */
  z.strictObject({
    kind: z.literal('http'),
    url: z.string().max(2048),
    loop: z.boolean().default(true),
    ...credentials,
  }),
  /** A radio station on a host of HTTP_SOURCE_HOSTS. */
  z.strictObject({ kind: z.literal('http-audio'), url: z.string().max(2048), ...credentials }),
  /** An encoder sends to us. What is not given is made: the user name of the path, a strong password. */
  z.strictObject({
    kind: z.literal('publish'),
    via: PublishVia.default('rtsp'),
    /** RTMP and SRT listen on a port of their own. */
    port: z.int().min(1024).max(65535).optional(),
    ...credentials,
  }),
]);
export type CameraSourceInput = z.infer<typeof CameraSourceInput>;

/** A stream that we make of the main one, because the device has none such. Costs a transcoder while it is watched. */
export const CameraRendition = z.strictObject({
  profile: z.enum(['sub', 'lite']),
  ...RenditionSpec.partial().shape,
});
export type CameraRendition = z.infer<typeof CameraRendition>;

const renditions = z
  .array(CameraRendition)
  .max(2)
  .refine(
    (list) => new Set(list.map(({ profile }) => profile)).size === list.length,
    'names a profile twice',
  );

/** A place that the main stream is sent to all the time. What is absent of one that is there already stays. */
export const CameraOutput = z.strictObject({
  /** Of one that is there already. */
  id: z.string().max(40).optional(),
  via: z.enum(['rtmp', 'srt']),
  url: z.string().max(2048),
  streamId: z.string().max(512).optional(),
  /** Write-only: stream key (RTMP) or passphrase (SRT). */
  secret: z.string().max(255).optional(),
});
export type CameraOutput = z.infer<typeof CameraOutput>;

const slug = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,39}$/, 'a tag is letters, digits, dot, dash and underscore');

/** `police_17`: lower-case letters, digits, underscore and dash; not the form that we give ourselves. */
export const PathName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,59}$/, 'a path name is letters, digits, underscore and dash')
  .refine(
    (name) => !/^cam_|_(sub|lite|main)$/.test(name),
    'must not begin with cam_ or end in _sub, _lite or _main',
  );

/** Where a camera belongs and how much it matters. */
const organisation = {
  siteId: SiteId.nullable(),
  groupIds: z.array(GroupId).max(50),
  tags: z.array(slug).max(50),
  /** 0 the most important, 9 the least. */
  tier: z.int().min(0).max(9),
  /** Public name of its streams in addresses; null: `cam_{id}`. */
  pathName: PathName.nullable(),
  /** Connections that the device bears at once; null: not known to be few. */
  maxConnections: z.int().min(1).max(1000).nullable(),
  /** Asked every few minutes whether it is there, while nobody watches it. */
  watched: z.boolean(),
};

export const CameraInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  source: CameraSourceInput,
  pull: z.enum(['on-demand', 'always-on']).default('on-demand'),
  idleTtlSeconds: z.int().min(0).max(3600).default(15),
  renditions: renditions.default([]),
  outputs: z.array(CameraOutput).max(4).optional(),
  siteId: organisation.siteId.default(null),
  groupIds: organisation.groupIds.default([]),
  tags: organisation.tags.default([]),
  tier: organisation.tier.default(5),
  pathName: organisation.pathName.default(null),
  maxConnections: organisation.maxConnections.default(null),
  watched: organisation.watched.default(true),
});
export type CameraInput = z.infer<typeof CameraInput>;
/** What a caller may leave out is left out. */
export type CameraInputFields = z.input<typeof CameraInput>;

/** A whole or partial change; what is absent stays. */
export const CameraChange = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  source: CameraSourceInput.optional(),
  pull: z.enum(['on-demand', 'always-on']).optional(),
  idleTtlSeconds: z.int().min(0).max(3600).optional(),
  renditions: renditions.optional(),
  outputs: z.array(CameraOutput).max(4).optional(),
  ...z.object(organisation).partial().shape,
});
export type CameraChange = z.infer<typeof CameraChange>;

/** One profile as last seen; unknown fields are null, never guessed. */
export const CameraProfile = z.object({
  name: ProfileName,
  codec: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  frameRate: z.number().nullable(),
});
export type CameraProfile = z.infer<typeof CameraProfile>;

/** Health in the words an operator sees. */
export const CameraState = z.enum([
  'idle',
  'connecting',
  'live',
  'reconnecting',
  'offline',
  'not_configured',
]);
export type CameraState = z.infer<typeof CameraState>;

/** What the API answers: never a password, `hasPassword` instead. */
export const Camera = z.object({
  id: CameraId,
  name: z.string(),
  source: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('rtsp'),
      url: z.string(),
      subUrl: z.string().optional(),
      transport: RtspTransport,
      certificate: CertificateCheck.optional(),
      username: z.string().optional(),
      hasPassword: z.boolean(),
    }),
    z.object({
      kind: z.literal('onvif'),
      host: z.string(),
      port: z.int(),
      transport: RtspTransport,
      username: z.string().optional(),
      hasPassword: z.boolean(),
    }),
    z.object({
      kind: z.literal('file'),
      file: z.string(),
      loop: z.boolean(),
      hasPassword: z.boolean(),
    }),
    z.object({
      kind: z.literal('http'),
      url: z.string(),
      loop: z.boolean(),
      username: z.string().optional(),
      hasPassword: z.boolean(),
    }),
    z.object({
      kind: z.literal('http-audio'),
      url: z.string(),
      username: z.string().optional(),
      hasPassword: z.boolean(),
    }),
    z.object({
      kind: z.literal('publish'),
      via: PublishVia,
      port: z.int().optional(),
      username: z.string().optional(),
      hasPassword: z.boolean(),
    }),
  ]),
  pull: z.enum(['on-demand', 'always-on']),
  idleTtlSeconds: z.int(),
  siteId: SiteId.nullable(),
  groupIds: z.array(GroupId),
  tags: z.array(z.string()),
  tier: z.int(),
  pathName: z.string().nullable(),
  maxConnections: z.int().nullable(),
  watched: z.boolean(),
  renditions: z.array(CameraRendition),
  outputs: z.array(
    z.object({
      id: z.string(),
      via: z.enum(['rtmp', 'srt']),
      url: z.string(),
      streamId: z.string().optional(),
      hasSecret: z.boolean(),
    }),
  ),
  profiles: z.array(CameraProfile),
  device: z
    .object({ manufacturer: z.string(), model: z.string(), firmware: z.string(), serial: z.string() })
    .nullable(),
  state: CameraState,
  /** Why it is in that state. */
  reason: ReasonCode,
  viewers: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Camera = z.infer<typeof Camera>;

/** Answer 201 of POST /cameras. `publishPassword` was made for an encoder and is told this once. */
export const CameraCreated = Camera.extend({ publishPassword: z.string().optional() });
export type CameraCreated = z.infer<typeof CameraCreated>;

/** POST /api/v1/cameras/probe (an unsaved source) or /cameras/{id}/probe. */
export const ProbeResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), profiles: z.array(CameraProfile), elapsedMs: z.number() }),
  z.object({
    ok: z.literal(false),
    code: ReasonCode,
    /** Which step failed: `resolve`, `connect`, `authenticate`, `describe`, `setup`, `play`, `key-frame`. */
    step: z.string(),
    detail: z.string(),
    elapsedMs: z.number(),
  }),
]);
export type ProbeResult = z.infer<typeof ProbeResult>;
