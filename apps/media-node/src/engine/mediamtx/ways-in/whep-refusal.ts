import { VedetteError } from '@vedette/runtime';

const RETRY_SECONDS = 2;

/** What MediaMTX means by refusing an offer (internal/servers/webrtc, internal/protocols/webrtc). */
export function whepRefusal(status: number, text: string): VedetteError {
  if (status === 401) return new VedetteError('unauthenticated');
  if (/codecs? not supported by client|any supported codec/i.test(text))
    return new VedetteError('no_common_codec');
  if (/B-frames/i.test(text)) return new VedetteError('has_b_frames');
  if (/timed out|no stream is available|terminated/i.test(text) || status === 404)
    return new VedetteError('camera_offline', { retryAfterSeconds: RETRY_SECONDS });
  if (/not configured/i.test(text)) return new VedetteError('not_running', { retryAfterSeconds: 1 });
  if (status >= 500) return new VedetteError('unavailable', { retryAfterSeconds: RETRY_SECONDS });
  return new VedetteError('invalid_offer');
}
