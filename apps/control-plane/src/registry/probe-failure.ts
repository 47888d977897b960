import { REASON_TEXT, type ReasonCode } from '@vedette/contracts';

export type ProbeStep = 'resolve' | 'connect' | 'authenticate' | 'describe' | 'setup' | 'play' | 'key-frame';

/** Asking a camera failed at a step, for a reason of the closed set. The detail holds no secret. */
export class ProbeFailure extends Error {
  readonly code: ReasonCode;
  readonly step: ProbeStep;

  constructor(code: ReasonCode, step: ProbeStep, options: { detail?: string; cause?: unknown } = {}) {
    super(options.detail ?? REASON_TEXT[code], { cause: options.cause });
    this.name = 'ProbeFailure';
    this.code = code;
    this.step = step;
  }
}
