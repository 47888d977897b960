import { PROBLEM_KINDS, type ProblemCode, REASON_TEXT, type ReasonCode } from '@vedette/contracts';

interface VedetteErrorOptions {
  /** One sentence for a person; never holds a secret. Default: the reason's own sentence. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** Which parts of the request were wrong. */
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
  readonly retryAfterSeconds?: number;
}

/** The one error class: a stable code of the closed set, a sentence, and what led to it. */
export class VedetteError extends Error {
  readonly code: ReasonCode;
  readonly fields: readonly { readonly path: string; readonly message: string }[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ReasonCode, options: VedetteErrorOptions = {}) {
    super(options.detail ?? REASON_TEXT[code], { cause: options.cause });
    this.name = 'VedetteError';
    this.code = code;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** What the reader can do, when the code is one that HTTP answers. */
  get remedy(): string | undefined {
    return this.code in PROBLEM_KINDS ? PROBLEM_KINDS[this.code as ProblemCode].remedy : undefined;
  }
}
