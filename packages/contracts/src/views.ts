import { z } from 'zod';
import { CameraId, NodeId, ProfileName, Protocol, SessionId, StreamPath, UserId } from './ids.ts';
import { NodeLoad, StreamState } from './node-protocol.ts';

/** GET /api/v1/streams item. */
export const StreamView = StreamState.extend({ node: NodeId, viewers: z.int() });
export type StreamView = z.infer<typeof StreamView>;

/** GET /api/v1/nodes item. */
export const NodeView = z.object({
  id: NodeId,
  state: z.enum(['connected', 'suspect', 'lost']),
  publicUrl: z.string(),
  version: z.string(),
  labels: z.record(z.string(), z.string()),
  connectedAt: z.iso.datetime().nullable(),
  lastReportAt: z.iso.datetime().nullable(),
  streams: z.int(),
  load: NodeLoad.nullable(),
});
export type NodeView = z.infer<typeof NodeView>;

/** GET /api/v1/sessions item. */
export const SessionView = z.object({
  id: SessionId,
  userId: UserId,
  userName: z.string(),
  cameraId: CameraId,
  cameraName: z.string(),
  profile: ProfileName,
  protocol: Protocol,
  path: StreamPath,
  node: NodeId,
  state: z.enum(['granted', 'connected']),
  startedAt: z.iso.datetime(),
  clientAddress: z.string().nullable(),
  bytesSent: z.number(),
  framesDropped: z.int(),
  packetsLost: z.int(),
  rttMs: z.number().nullable(),
});
export type SessionView = z.infer<typeof SessionView>;

export const Role = z.enum(['admin', 'operator', 'viewer']);
export type Role = z.infer<typeof Role>;

/** GET /api/v1/users item. */
export const UserView = z.object({
  id: UserId,
  name: z.string(),
  role: Role,
  createdAt: z.iso.datetime(),
  disabled: z.boolean(),
});
export type UserView = z.infer<typeof UserView>;

/** POST /api/v1/sign-in answer and GET /api/v1/me: who I am; `csrfToken` goes back as `x-csrf-token` on every change. */
export const Me = z.object({ id: UserId, name: z.string(), role: Role, csrfToken: z.string() });
export type Me = z.infer<typeof Me>;
