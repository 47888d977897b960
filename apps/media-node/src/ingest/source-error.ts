import type { ReasonCode } from '@vedette/contracts';

/** Why a source that is no RTSP camera could not be run; its message is for people and holds no secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: ReasonCode;
  /** What was being done: `open`, `read`, `transcode`, … */
  readonly step: string;

  constructor(code: ReasonCode, step: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.step = step;
  }
}
