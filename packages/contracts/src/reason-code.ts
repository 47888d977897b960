import { z } from 'zod';

/**
 * The closed set of reasons shared by answers, events, logs, metrics and audit.
 * Each has a sentence that a person can act on, in reason-text.ts.
 */
export const ReasonCode = z.enum([
  // a stream's health, as its node reports it
  'waiting_for_viewer',
  'connecting',
  'waiting_for_key_frame',
  'live',
  'reconnecting',
  'camera_refused',
  'camera_unreachable',
  'camera_timeout',
  'camera_stalled',
  'camera_not_found_on_device',
  'camera_credentials_rejected',
  'camera_protocol_error',
  'camera_busy',
  'codec_unsupported',
  'source_not_allowed',
  // a request's outcome
  'camera_not_found',
  'camera_not_configured',
  'camera_offline',
  'at_capacity',
  'quota_exceeded',
  'forbidden',
  'unauthenticated',
  'csrf_rejected',
  'no_node',
  'start_timeout',
  'not_running',
  'session_not_found',
  'session_revoked',
  'invalid_request',
  'invalid_offer',
  'no_common_codec',
  'unsupported_media_type',
  'payload_too_large',
  'rate_limited',
  'not_found',
  'method_not_allowed',
  'conflict',
  'unavailable',
  'internal_error',
  // why a view ended
  'viewer_left',
  'viewer_silent',
  'replaced',
  'revoked',
  'stream_dropped',
  'node_lost',
  'never_connected',
  'shutting_down',
  'token_expired',
  // what a player finds out by itself
  'picture_stalled',
  'control_unreachable',
  'media_unreachable',
  'playback_failed',
]);
export type ReasonCode = z.infer<typeof ReasonCode>;
