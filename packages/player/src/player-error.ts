import type { ReasonCode } from '@vedette/contracts';

/** Something that a view needed was refused or failed; `code` says what, in the words shared with control. */
export class PlayerError extends Error {
  readonly code: ReasonCode;
  /** Do not ask again sooner; 0 without such a wish. */
  readonly retryAfterMs: number;

  constructor(code: ReasonCode, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(code, { cause: options.cause });
    this.name = 'PlayerError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}
