// What MediaMTX's control API answers, as far as it is read here (its internal/defs/api_*.go). Some counts had other
// names before 1.17, which newer versions still tell as well: the old name is read where the new one is missing.
import { z } from 'zod';

const count = z.number().nonnegative().optional();

const Track = z.object({
  codec: z.string(),
  codecProps: z
    .object({
      width: z.number().optional(),
      height: z.number().optional(),
      profile: z.union([z.string(), z.number()]).optional(),
      level: z.union([z.string(), z.number()]).optional(),
      muLaw: z.boolean().optional(),
    })
    .nullish(),
});
export type ApiTrack = z.infer<typeof Track>;

export const ApiPath = z
  .object({
    name: z.string(),
    ready: z.boolean(),
    source: z.object({ type: z.string(), id: z.string() }).nullable(),
    tracks: z.array(z.string()).default([]),
    /** Absent from older ones. */
    tracks2: z.array(Track).optional(),
    inboundBytes: count,
    bytesReceived: count,
    outboundBytes: count,
    bytesSent: count,
  })
  .transform(({ inboundBytes, bytesReceived, outboundBytes, bytesSent, tracks, tracks2, ...path }) => ({
    ...path,
    tracks: tracks2 ?? tracks.map((codec): ApiTrack => ({ codec })),
    bytesIn: inboundBytes ?? bytesReceived ?? 0,
    bytesOut: outboundBytes ?? bytesSent ?? 0,
  }));
export type ApiPath = z.infer<typeof ApiPath>;

/** A client's session or connection, over whichever protocol. */
export const ApiClient = z
  .object({
    id: z.string(),
    path: z.string(),
    /** `idle`, `read` or `publish`. */
    state: z.string(),
    remoteAddr: z.string(),
    /** WebRTC only. */
    peerConnectionEstablished: z.boolean().optional(),
    outboundBytes: count,
    bytesSent: count,
    inboundRTPPacketsLost: count,
    rtpPacketsLost: count,
    packetsReceivedLoss: count,
    inboundRTCPPackets: count,
    rtcpPacketsReceived: count,
    outboundFramesDiscarded: count,
    outboundRTPPacketsDiscarded: count,
  })
  .transform((client) => ({
    id: client.id,
    path: client.path,
    state: client.state,
    remoteAddr: client.remoteAddr,
    connected: client.peerConnectionEstablished ?? true,
    bytesOut: client.outboundBytes ?? client.bytesSent ?? 0,
    lostIn: client.inboundRTPPacketsLost ?? client.rtpPacketsLost ?? client.packetsReceivedLoss ?? 0,
    /** RTCP packets of a viewer: it is there. */
    reportsIn: client.inboundRTCPPackets ?? client.rtcpPacketsReceived ?? 0,
    discarded: client.outboundFramesDiscarded ?? client.outboundRTPPacketsDiscarded ?? 0,
  }));
export type ApiClient = z.infer<typeof ApiClient>;

/** One item that cannot be understood fails the whole list, so that nothing is overlooked in silence. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item).nullable() }).transform(({ items }) => items ?? []);

export const ApiInfo = z.object({ version: z.string() });
export const ApiFailure = z.object({ error: z.string() });

/** Of the global settings, what tells whether a MediaMTX that somebody else runs can serve us, and where. */
export const ApiSettings = z.object({
  authMethod: z.string(),
  authHTTPAddress: z.string(),
  rtsp: z.boolean(),
  rtspAddress: z.string(),
  rtspEncryption: z.string(),
  rtmp: z.boolean(),
  srt: z.boolean(),
  hls: z.boolean(),
  hlsAddress: z.string(),
  hlsEncryption: z.boolean(),
  webrtc: z.boolean(),
  webrtcAddress: z.string(),
  webrtcEncryption: z.boolean(),
});
export type ApiSettings = z.infer<typeof ApiSettings>;
