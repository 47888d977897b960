import type { ReasonCode } from '@vedette/contracts';

export type RtspStep =
  | 'resolve'
  | 'connect'
  | 'authenticate'
  | 'describe'
  | 'setup'
  | 'play'
  | 'key-frame'
  | 'media';

export type RtspErrorCode = Extract<
  ReasonCode,
  | 'camera_refused'
  | 'camera_unreachable'
  | 'camera_timeout'
  | 'camera_stalled'
  | 'camera_not_found_on_device'
  | 'camera_credentials_rejected'
  | 'camera_protocol_error'
  | 'camera_busy'
  | 'codec_unsupported'
  | 'source_not_allowed'
  | 'certificate_rejected'
>;

/** Why a camera could not be played, at which step, in a sentence that holds no secret. */
export class RtspError extends Error {
  readonly code: RtspErrorCode;
  readonly step: RtspStep;

  constructor(code: RtspErrorCode, step: RtspStep, detail: string, options: { cause?: unknown } = {}) {
    super(detail, options);
    this.name = 'RtspError';
    this.code = code;
    this.step = step;
  }
}

/** What a socket's failure means for a camera. */
export function fromSocketError(error: unknown, step: RtspStep): RtspError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return new RtspError('camera_refused', step, 'The camera refused the connection.', { cause: error });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new RtspError('camera_unreachable', 'resolve', 'The host name of the camera is not known.', {
        cause: error,
      });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return new RtspError('camera_unreachable', step, 'There is no route to the camera.', { cause: error });
    case 'ETIMEDOUT':
      return new RtspError('camera_timeout', step, 'The camera did not answer in time.', { cause: error });
    default:
      return new RtspError('camera_refused', step, 'The connection to the camera broke.', { cause: error });
  }
}

/** What an RTSP status other than 2xx means (RFC 2326 section 11). */
export function fromStatus(status: number, step: RtspStep): RtspError {
  const said = `The camera answered ${status} to ${step === 'authenticate' ? 'the request' : step}.`;
  if (status === 401 || status === 403) {
    return new RtspError(
      'camera_credentials_rejected',
      'authenticate',
      'The camera rejected the user name or password.',
    );
  }
  if (status === 404)
    return new RtspError('camera_not_found_on_device', step, 'The camera does not know this stream path.');
  if (status === 453 || status === 503)
    return new RtspError('camera_busy', step, 'The camera has no free connection left.');
  if (status === 454) return new RtspError('camera_protocol_error', step, 'The camera ended the session.');
  return new RtspError('camera_protocol_error', step, said);
}
