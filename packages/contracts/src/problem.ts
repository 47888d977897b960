import { z } from 'zod';
import type { ReasonCode } from './reason-code.ts';
import { ReasonCode as ReasonCodeSchema } from './reason-code.ts';

/** RFC 9457 problem details; `code` is stable, `fields` names what was wrong in the request. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: ReasonCodeSchema,
  requestId: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  readonly retryable: boolean;
}

/** The one table from a code to its HTTP status and its words; only the HTTP edge reads `status`. */
export const PROBLEM_KINDS = {
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    remedy: 'Sign in, or send a valid API token.',
    retryable: false,
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    remedy: 'Ask an administrator for access.',
    retryable: false,
  },
  denied_by_policy: {
    status: 403,
    title: 'Not allowed by a rule',
    remedy: 'Ask an administrator for an exception.',
    retryable: false,
  },
  reason_required: {
    status: 422,
    title: 'Reason needed',
    remedy: 'Send a case number or reason with the request.',
    retryable: false,
  },
  csrf_rejected: {
    status: 403,
    title: 'Request not trusted',
    remedy: 'Reload the page and try again.',
    retryable: false,
  },
  camera_not_found: {
    status: 404,
    title: 'Camera not found',
    remedy: 'Check the camera id; it may have been deleted.',
    retryable: false,
  },
  session_not_found: {
    status: 404,
    title: 'View not found',
    remedy: 'Start the camera again.',
    retryable: false,
  },
  not_running: { status: 404, title: 'Not running', remedy: 'Start the camera first.', retryable: false },
  not_found: { status: 404, title: 'Not found', remedy: 'Check the address.', retryable: false },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'See the API description.',
    retryable: false,
  },
  conflict: {
    status: 409,
    title: 'Already exists',
    remedy: 'Use another name, or change the existing one.',
    retryable: false,
  },
  precondition_required: {
    status: 428,
    title: 'If-Match needed',
    remedy: 'Send the ETag of the session as If-Match.',
    retryable: false,
  },
  precondition_failed: {
    status: 412,
    title: 'Session has changed',
    remedy: 'Send the ETag that the session was opened with.',
    retryable: false,
  },
  ice_restart_refused: {
    status: 422,
    title: 'No ICE restart',
    remedy: 'Open a new session.',
    retryable: false,
  },
  camera_not_configured: {
    status: 409,
    title: 'Camera not configured',
    remedy: 'Give the camera a source address.',
    retryable: false,
  },
  camera_offline: {
    status: 409,
    title: 'Camera offline',
    remedy: 'Check power and network of the camera.',
    retryable: true,
  },
  engine_unsupported: {
    status: 409,
    title: 'Not with this engine',
    remedy: 'Put the camera on a node that runs the native engine.',
    retryable: false,
  },
  payload_too_large: { status: 413, title: 'Request too large', remedy: 'Send less.', retryable: false },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported content type',
    remedy: 'Send the content type that the API description names.',
    retryable: false,
  },
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    remedy: 'Correct the named fields.',
    retryable: false,
  },
  invalid_offer: {
    status: 400,
    title: 'Not an SDP offer',
    remedy: 'Send a WebRTC offer as application/sdp.',
    retryable: false,
  },
  no_common_codec: {
    status: 406,
    title: 'No common codec',
    remedy: 'Use a browser that decodes this camera, or HLS.',
    retryable: false,
  },
  has_b_frames: {
    status: 406,
    title: 'B-frames',
    remedy: 'Use HLS, or switch B-frames off at the camera.',
    retryable: false,
  },
  session_revoked: { status: 403, title: 'View ended', remedy: 'Start the camera again.', retryable: false },
  source_not_allowed: {
    status: 422,
    title: 'Source address not allowed',
    remedy: 'Use an address inside SOURCE_NETWORKS.',
    retryable: false,
  },
  rate_limited: { status: 429, title: 'Too many requests', remedy: 'Wait, then try again.', retryable: true },
  quota_exceeded: {
    status: 429,
    title: 'Quota exceeded',
    remedy: 'Close a camera, then try again.',
    retryable: true,
  },
  at_capacity: {
    status: 503,
    title: 'Stream at capacity',
    remedy: 'Try again shortly; others must leave first.',
    retryable: true,
  },
  no_node: {
    status: 503,
    title: 'No media node',
    remedy: 'Start a media node, or wait for it to come back.',
    retryable: true,
  },
  start_timeout: {
    status: 504,
    title: 'The media node did not answer',
    remedy: 'Try again; look at the nodes page.',
    retryable: true,
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    remedy: 'Try again shortly.',
    retryable: true,
  },
  internal_error: { status: 500, title: 'Internal error', remedy: 'Report the request id.', retryable: true },
} as const satisfies Partial<Record<ReasonCode, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEM_KINDS;
