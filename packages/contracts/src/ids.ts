import { z } from 'zod';

/** Lower-case letters and digits only, so that an id can stand in a path, a metric label and a file name. */
const id = z.string().regex(/^[a-z0-9]{1,40}$/, 'an id is 1 to 40 lower-case letters and digits');

export const CameraId = id.brand<'CameraId'>();
export type CameraId = z.infer<typeof CameraId>;
export const SessionId = id.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const UserId = id.brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

export const TenantId = id.brand<'TenantId'>();
export type TenantId = z.infer<typeof TenantId>;
/** The first tenant: its administrators also run the platform. */
export const HOME_TENANT = TenantId.parse('home');
export const SiteId = id.brand<'SiteId'>();
export type SiteId = z.infer<typeof SiteId>;
export const GroupId = id.brand<'GroupId'>();
export type GroupId = z.infer<typeof GroupId>;
export const RecorderId = id.brand<'RecorderId'>();
export type RecorderId = z.infer<typeof RecorderId>;

/** Chosen by who runs the node; also a hostname-like path segment (`/n/{nodeId}/`). */
export const NodeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a node id is lower-case letters, digits and dashes')
  .brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** Public name of a stream in URLs: `cam_{id}` for main, `cam_{id}_sub` for sub, unless named otherwise. */
export const StreamPath = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,79}$/, 'a path is letters, digits, underscore and dash')
  .brand<'StreamPath'>();
export type StreamPath = z.infer<typeof StreamPath>;

/** `main` and `sub` are the camera's own, or `sub` made by us; `lite` is a rendition of main that every browser plays. */
export const ProfileName = z.enum(['main', 'sub', 'lite']);
export type ProfileName = z.infer<typeof ProfileName>;
/** `rtsp` is for recorders and players outside the browser, and never chosen by policy. */
export const Protocol = z.enum(['webrtc', 'hls', 'rtsp']);
export type Protocol = z.infer<typeof Protocol>;
/** What a browser can be given. */
export const BrowserProtocol = Protocol.extract(['webrtc', 'hls']);
export type BrowserProtocol = z.infer<typeof BrowserProtocol>;
