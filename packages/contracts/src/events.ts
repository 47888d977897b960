import { z } from 'zod';
import { CameraState } from './camera.ts';
import { CameraId, NodeId, ProfileName, Protocol, SessionId } from './ids.ts';
import { NodeLoad } from './node-protocol.ts';
import { ReasonCode } from './reason-code.ts';

/** One line of GET /api/v1/events (server-sent events; `event:` is the type, `data:` this object). */
export const LiveEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('camera.state'),
    cameraId: CameraId,
    state: CameraState,
    reason: ReasonCode,
    detail: z.string().nullable(),
    viewers: z.int(),
    /** Name of the audio codec; null without sound or while it is not known. */
    audio: z.string().nullable().default(null),
    /** What a radio station says that it plays. */
    nowPlaying: z.string().nullable().default(null),
  }),
  z.object({ type: z.literal('camera.changed'), cameraId: CameraId }),
  z.object({ type: z.literal('camera.deleted'), cameraId: CameraId }),
  z.object({
    type: z.literal('session.started'),
    sessionId: SessionId,
    cameraId: CameraId,
    protocol: Protocol,
    profile: ProfileName,
    node: NodeId,
  }),
  z.object({
    type: z.literal('session.ended'),
    sessionId: SessionId,
    cameraId: CameraId,
    reason: ReasonCode,
  }),
  /** The player of this view must start again: its node is gone, or it was moved. */
  z.object({ type: z.literal('session.move'), sessionId: SessionId, cameraId: CameraId, reason: ReasonCode }),
  z.object({
    type: z.literal('node.state'),
    nodeId: NodeId,
    state: z.enum(['connected', 'suspect', 'lost']),
    load: NodeLoad.nullable(),
  }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;
