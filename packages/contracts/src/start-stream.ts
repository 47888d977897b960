import { z } from 'zod';
import { CameraId, NodeId, ProfileName, Protocol, SessionId, StreamPath } from './ids.ts';

/** Body of POST /streams/{cameraId}/start. Everything may be missing; what is missing is unknown, never true. */
export const StartRequest = z.strictObject({
  capabilities: z
    .strictObject({
      webrtc: z.boolean().optional(),
      hls: z.boolean().optional(),
      h264: z.boolean().optional(),
      h265: z.boolean().optional(),
    })
    .optional(),
  /** CSS pixels times device pixel ratio: what the picture will cover; `tiles` is how many are on the wall. */
  tile: z
    .strictObject({
      width: z.int().min(1).max(16384),
      height: z.int().min(1).max(16384),
      tiles: z.int().min(1).max(100).optional(),
    })
    .optional(),
  network: z.strictObject({ udp: z.boolean().optional(), rttMs: z.number().min(0).optional() }).optional(),
  /** A wish that wins over the tile rule: focus asks for main. */
  profile: ProfileName.optional(),
  /** Name of the page or wall that asks, for rules. */
  dashboard: z.string().trim().min(1).max(100).optional(),
  /** Case number or reason, where a rule asks for one; written down with the view. */
  reason: z.string().trim().min(1).max(300).optional(),
});
export type StartRequest = z.infer<typeof StartRequest>;

export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

/** One step of the decision and why it came out so. */
export const DecisionStep = z.object({
  step: z.enum(['access', 'policy', 'admission', 'placement']),
  result: z.string(),
  rule: z.string(),
  reason: z.string(),
});
export type DecisionStep = z.infer<typeof DecisionStep>;

/** Answer 201 of start. `url` is absolute on the node's public URL. */
export const StartAnswer = z.object({
  sessionId: SessionId,
  cameraId: CameraId,
  protocol: Protocol,
  profile: ProfileName,
  url: z.string(),
  /** Bearer for WHEP; for HLS the URL carries the capability already. */
  token: z.string(),
  expiresAt: z.iso.datetime(),
  node: NodeId,
  iceServers: z.array(IceServer),
  fallbacks: z.array(
    z.object({ protocol: Protocol, profile: ProfileName, url: z.string(), token: z.string() }),
  ),
  decision: z.array(DecisionStep),
});
export type StartAnswer = z.infer<typeof StartAnswer>;

/** Seconds in which a player's picture could be seen, since the start of its view; its word, held against the clock. */
const onScreenSeconds = z.number().min(0).max(31_536_000).optional();

export const StopRequest = z.strictObject({ sessionId: SessionId.optional(), onScreenSeconds });
export type StopRequest = z.infer<typeof StopRequest>;

/** Body of POST /sessions/{id}/renew. */
export const RenewRequest = z.strictObject({ onScreenSeconds });
export type RenewRequest = z.infer<typeof RenewRequest>;

/** Answer of POST /sessions/{id}/renew: the same view, fresh tokens. */
export const RenewAnswer = StartAnswer.pick({
  sessionId: true,
  url: true,
  token: true,
  expiresAt: true,
  fallbacks: true,
});
export type RenewAnswer = z.infer<typeof RenewAnswer>;

/** Answer of GET /streams/{cameraId}/endpoint: where the caller's view, or else the camera, runs. */
export const EndpointAnswer = z.object({
  cameraId: CameraId,
  /** The caller's view; null when only others watch. Its URL is the view's own, otherwise the stable address. */
  sessionId: SessionId.nullable(),
  protocol: Protocol,
  profile: ProfileName,
  path: StreamPath,
  node: NodeId,
  url: z.string(),
});
export type EndpointAnswer = z.infer<typeof EndpointAnswer>;
