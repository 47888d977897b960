import { z } from 'zod';
import { Grants } from './grant.ts';
import { CameraId, NodeId, ProfileName, Protocol, SessionId, StreamPath, TenantId, UserId } from './ids.ts';
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
  /** It takes no new streams; those that it has are moved. */
  draining: z.boolean(),
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

/** What somebody may do; on which cameras, grants say. */
export const Role = z.enum(['admin', 'site-admin', 'operator', 'viewer', 'auditor']);
export type Role = z.infer<typeof Role>;

/** GET /api/v1/users item. */
export const UserView = z.object({
  id: UserId,
  name: z.string(),
  role: Role,
  grants: Grants,
  /** Signs in through the identity provider, and has no password here. */
  isExternal: z.boolean().default(false),
  createdAt: z.iso.datetime(),
  disabled: z.boolean(),
});
export type UserView = z.infer<typeof UserView>;

/** POST /api/v1/sign-in answer and GET /api/v1/me: who I am; `csrfToken` goes back as `x-csrf-token` on every change. */
export const Me = z.object({
  id: UserId,
  name: z.string(),
  role: Role,
  tenantId: TenantId,
  tenantName: z.string(),
  /** Names of what the role allows, for showing and hiding; the server asks itself each time. */
  permissions: z.array(z.string()),
  csrfToken: z.string(),
});
export type Me = z.infer<typeof Me>;
