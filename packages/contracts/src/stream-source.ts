import { z } from 'zod';
import { NodeId, StreamPath } from './ids.ts';

/** How far a camera's certificate is believed: by authorities, by its SHA-256 alone (hex), or not looked at. */
export const CertificateCheck = z.discriminatedUnion('check', [
  z.strictObject({ check: z.literal('authority') }),
  z.strictObject({
    check: z.literal('pin'),
    sha256: z
      .string()
      .transform((text) => text.replaceAll(':', '').toLowerCase())
      .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 fingerprint is 64 hexadecimal digits')),
  }),
  z.strictObject({ check: z.literal('none') }),
]);
export type CertificateCheck = z.infer<typeof CertificateCheck>;

/** How a camera's packets come: on the RTSP connection, by UDP, or all through a tunnel of HTTP. */
export const RtspTransport = z.enum(['tcp', 'udp', 'http']);
export type RtspTransport = z.infer<typeof RtspTransport>;

/** What a rendition looks like; H.264 always. */
export const RenditionSpec = z.strictObject({
  /** Pixels at most; the width follows, nothing is enlarged. */
  height: z.int().min(90).max(2160),
  /** Frames a second at most. */
  frameRate: z.number().min(1).max(60),
  bitsPerSecond: z.int().min(50_000).max(20_000_000),
});
export type RenditionSpec = z.infer<typeof RenditionSpec>;

/** By which protocol an encoder hands its stream to us. */
export const PublishVia = z.enum(['rtsp', 'whip', 'rtmp', 'srt']);
export type PublishVia = z.infer<typeof PublishVia>;

const credentials = { username: z.string().optional(), password: z.string().optional() };

/** Where a stream is sent to. */
export const OutputTarget = z.object({
  id: z.string().regex(/^[a-z0-9]{1,40}$/),
  via: z.enum(['rtmp', 'srt']),
  /** `rtmp://host[:port]/app`, `rtmps://…` or `srt://host:port`; holds no secret. */
  url: z.string(),
  /** Stream key (RTMP) or passphrase (SRT). */
  secret: z.string().optional(),
  /** SRT only. */
  streamId: z.string().optional(),
});
export type OutputTarget = z.infer<typeof OutputTarget>;

/** Where a node gets one stream from. URLs never hold credentials. */
export const StreamSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rtsp'),
    /** `rtsp://` or `rtsps://`. */
    url: z.string(),
    ...credentials,
    transport: RtspTransport,
    /** For `rtsps://`; by authorities when absent. */
    certificate: CertificateCheck.optional(),
  }),
  /** A file in one of the folders that the node's settings allow, by its path inside the folder. */
  z.object({ kind: z.literal('file'), file: z.string(), loop: z.boolean() }),
  /** A media file or endless media stream behind an HTTP address. */
  z.object({ kind: z.literal('http'), url: z.string(), ...credentials, loop: z.boolean() }),
  /** A radio station: MP3 or AAC over HTTP, with or without ICY metadata. */
  z.object({ kind: z.literal('http-audio'), url: z.string(), ...credentials }),
  /** An encoder sends to us; it must present these credentials. RTMP and SRT listen on a port of their own. */
  z.object({
    kind: z.literal('publish'),
    via: PublishVia,
    username: z.string(),
    password: z.string(),
    port: z.int().min(1).max(65535).optional(),
  }),
  /** Made by us from another stream of the same node. */
  z.object({ kind: z.literal('rendition'), of: StreamPath, spec: RenditionSpec }),
  /** Handed on by another node, which control names among the relay peers; no camera is asked. */
  z.object({ kind: z.literal('relay'), from: NodeId, path: StreamPath }),
]);
export type StreamSource = z.infer<typeof StreamSource>;
