import { z } from 'zod';
import { CameraId, NodeId, ProfileName, Protocol, SessionId, StreamPath, UserId } from './ids.ts';
import { ReasonCode } from './reason-code.ts';
import { RelayIdentity, RelayPeer } from './relay-peer.ts';
import { OutputTarget, StreamSource } from './stream-source.ts';

/**
 * Messages of the WebSocket that a node opens to each control process (`/internal/node`, Authorization: Bearer node
 * token). Every one of them hears what the node does; one at a time, the lead, says what it should do.
 * Both sides refuse a peer whose version is more than one apart.
 */
export const NODE_PROTOCOL_VERSION = 2;

/** A stream that should exist on the node. Level-triggered: the whole set is sent each time. */
export const DesiredStream = z.object({
  path: StreamPath,
  cameraId: CameraId,
  profile: ProfileName,
  source: StreamSource,
  /** Grows with every placement of this stream; a node acts on the highest it saw. */
  fence: z.int(),
  pull: z.enum(['on-demand', 'always-on']),
  /** With control away, a stream without viewers closes its source after this long; it stays startable. */
  idleTtlMs: z.int(),
  maxWebrtcViewers: z.int(),
  /** Where the camera is: what is behind one line fails and returns together. */
  site: z.string().optional(),
  /** Where it is sent to all the time. */
  outputs: z.array(OutputTarget).optional(),
});
export type DesiredStream = z.infer<typeof DesiredStream>;

export const StreamHealth = z.enum(['idle', 'connecting', 'live', 'reconnecting', 'offline']);
export type StreamHealth = z.infer<typeof StreamHealth>;

export const StreamState = z.object({
  path: StreamPath,
  cameraId: CameraId,
  profile: ProfileName,
  fence: z.int(),
  health: StreamHealth,
  reason: ReasonCode,
  /** One plain sentence with what the camera or the network said; null when all is well. Never holds a secret. */
  detail: z.string().nullable(),
  codec: z.string().nullable(),
  /** Name of the audio codec; absent from older nodes. */
  audio: z.string().nullable().default(null),
  /** What a radio station says that it plays. */
  nowPlaying: z.string().max(500).nullable().default(null),
  width: z.int().nullable(),
  height: z.int().nullable(),
  frameRate: z.number().nullable(),
  bitsPerSecond: z.number(),
  keyFrameIntervalMs: z.number().nullable(),
  lastFrameAt: z.number().nullable(),
  reconnects: z.int(),
  framesIn: z.int(),
  /** Pictures are shown in another order than they are sent; absent from older nodes. */
  hasBFrames: z.boolean().optional(),
  packetsLost: z.int(),
  outputs: z
    .array(
      z.object({
        id: z.string(),
        isLive: z.boolean(),
        reason: ReasonCode,
        detail: z.string().nullable(),
      }),
    )
    .default([]),
});
export type StreamState = z.infer<typeof StreamState>;

/** A view as its node sees it, with the claims that let control rebuild it after a restart. */
export const NodeSession = z.object({
  sessionId: SessionId,
  userId: UserId,
  cameraId: CameraId,
  profile: ProfileName,
  path: StreamPath,
  protocol: Protocol,
  /** Ms since the Unix epoch; the first time, whatever protocol it has used since. */
  connectedAt: z.number(),
  clientAddress: z.string(),
  /** These since then, over all protocols that it used. */
  bytesSent: z.number(),
  framesSent: z.int(),
  framesDropped: z.int(),
  packetsLost: z.int(),
  rttMs: z.number().nullable(),
  /** Seconds in which pictures were sent; absent from older nodes, as is the next. */
  pictureSeconds: z.number().optional(),
  /** All that it has used, in the order in which they came. */
  protocols: z.array(Protocol).optional(),
});
export type NodeSession = z.infer<typeof NodeSession>;

export const NodeLoad = z.object({
  cpu: z.number(),
  memoryBytes: z.number(),
  egressBitsPerSecond: z.number(),
  ingressBitsPerSecond: z.number(),
  eventLoopDelayP99Ms: z.number(),
  webrtcViewers: z.int(),
  hlsViewers: z.int(),
  rtspViewers: z.int().default(0),
  /** FFmpeg processes at work, and those that wait for room; absent from older nodes. */
  ffmpeg: z.object({ running: z.int(), queued: z.int() }).default({ running: 0, queued: 0 }),
});
export type NodeLoad = z.infer<typeof NodeLoad>;

/** First message of every connection. `epoch` is random for each life of the node process. */
export const NodeHello = z.object({
  type: z.literal('hello'),
  protocol: z.int(),
  nodeId: NodeId,
  epoch: z.string(),
  version: z.string(),
  publicUrl: z.url(),
  /** Where RTSP players reach it; absent from older nodes. */
  rtspUrl: z.url().optional(),
  labels: z.record(z.string(), z.string()),
  maxWebrtcViewers: z.int(),
  /** How other nodes know it and reach it; absent from nodes that hand on nothing. */
  relay: RelayIdentity.optional(),
});
export type NodeHello = z.infer<typeof NodeHello>;

/** How a view ended, as its node saw it. */
export const EndedSession = z.object({
  sessionId: SessionId,
  reason: ReasonCode,
  endedAt: z.number(),
  seconds: z.number(),
  bytesSent: z.number(),
  /** As it was at its end: enough to write it down when control does not remember it. Absent from older nodes. */
  last: NodeSession.optional(),
});
export type EndedSession = z.infer<typeof EndedSession>;

/** A view that may not go on or come back, until the time given (ms since epoch). */
export const RevokedView = z.object({ sessionId: SessionId, untilMs: z.number() });
export type RevokedView = z.infer<typeof RevokedView>;

/** Sent every second, and at once when a stream's health or a session changes. Always the full state. */
export const NodeReport = z.object({
  type: z.literal('report'),
  epoch: z.string(),
  /** Rises over all connections of this life of the node. */
  seq: z.int(),
  /** This control process is the one to act on it. Older nodes have one connection alone. */
  lead: z.boolean().default(true),
  /** It takes no new streams, and waits for those that it has to be moved. */
  draining: z.boolean().default(false),
  /** The `seq` of the last desired state of this connection that was applied, 0 before the first. */
  appliedSeq: z.int(),
  streams: z.array(StreamState),
  sessions: z.array(NodeSession),
  /** To the lead alone: views that ended since a lead last acknowledged a report, repeated until acknowledged. */
  ended: z.array(EndedSession),
  load: NodeLoad,
});
export type NodeReport = z.infer<typeof NodeReport>;

/** Sent as soon as a desired state is applied: a start waits for it, and a whole report of a full node is big. */
export const NodeApplied = z.object({
  type: z.literal('applied'),
  epoch: z.string(),
  /** Of a desired state of this connection; 0 where it came by another. */
  seq: z.int(),
  /** Streams that are new by it, or have a new fence. */
  streams: z.array(z.object({ path: StreamPath, fence: z.int() })).default([]),
});
export type NodeApplied = z.infer<typeof NodeApplied>;

export const NodeMessage = z.discriminatedUnion('type', [NodeHello, NodeReport, NodeApplied]);
export type NodeMessage = z.infer<typeof NodeMessage>;

export const ControlWelcome = z.object({
  type: z.literal('welcome'),
  protocol: z.int(),
  epoch: z.string(),
  /** JWKS of the media token keys; the node keeps it on disk. */
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  /** Origins that may fetch media, control's public URL among them. */
  allowedOrigins: z.array(z.string()),
  /** Random for each life of the control process: two addresses may lead to one. Empty from older ones. */
  controlId: z.string().default(''),
  /** Where the other control processes are, as far as this one knows. */
  peers: z.array(z.url()).default([]),
});
export type ControlWelcome = z.infer<typeof ControlWelcome>;

/** The whole desired state of one node. */
export const ControlDesired = z.object({
  type: z.literal('desired'),
  epoch: z.string(),
  seq: z.int(),
  streams: z.array(DesiredStream),
  /**
   * Adds to what the node holds already; a node keeps each entry until its time. All that apply are sent first on
   * every connection, later messages carry those that the node has not applied yet.
   */
  revoked: z.array(RevokedView),
  /** The nodes that it takes streams from or hands streams to, all of them each time; nobody else is believed. */
  relayPeers: z.array(RelayPeer).optional(),
});
export type ControlDesired = z.infer<typeof ControlDesired>;

export const ControlAck = z.object({
  type: z.literal('ack'),
  seq: z.int(),
  /** False while this process cannot reach the shared state, and should not lead. */
  able: z.boolean().default(true),
});

/** The other control processes have changed; never sent to nodes of version 1. */
export const ControlPeers = z.object({ type: z.literal('peers'), peers: z.array(z.url()) });

/** No new streams from now on, or again; any control process may say so. Never sent to nodes of version 1. */
export const ControlDrain = z.object({ type: z.literal('drain'), on: z.boolean() });

export const ControlMessage = z.discriminatedUnion('type', [
  ControlWelcome,
  ControlDesired,
  ControlAck,
  ControlPeers,
  ControlDrain,
]);
export type ControlMessage = z.infer<typeof ControlMessage>;
