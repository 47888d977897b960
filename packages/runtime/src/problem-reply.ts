import { PROBLEM_KINDS, type Problem, type ProblemCode } from '@vedette/contracts';
import { VedetteError } from './error.ts';

const BY_FASTIFY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

interface FastifyLikeError {
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[];
}

/**
 * Any thrown value as RFC 9457 problem details. What is not ours and not the caller's fault becomes
 * `internal_error` with no detail: stacks and foreign messages stay in the log.
 */
export function toProblem(thrown: unknown, requestId?: string): Problem {
  if (thrown instanceof VedetteError) {
    const code: ProblemCode = thrown.code in PROBLEM_KINDS ? (thrown.code as ProblemCode) : 'unavailable';
    return {
      ...describe(code, thrown.message, requestId),
      ...(thrown.fields === undefined ? {} : { fields: [...thrown.fields] }),
      ...(thrown.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: thrown.retryAfterSeconds }),
    };
  }
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as FastifyLikeError;
  const status = error.statusCode ?? 500;
  const code =
    BY_FASTIFY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : 'internal_error');
  if (code === 'internal_error') return describe(code, 'Something went wrong on our side.', requestId);
  const fields = error.validation?.map((issue) => ({
    path: (issue.instancePath ?? '').replace(/^\//, '').replaceAll('/', '.'),
    message: issue.message ?? 'is not valid',
  }));
  return {
    ...describe(code, error.message ?? PROBLEM_KINDS[code].title, requestId),
    ...(fields === undefined ? {} : { fields }),
  };
}

function describe(code: ProblemCode, detail: string, requestId: string | undefined): Problem {
  const kind = PROBLEM_KINDS[code];
  return {
    type: `https://vedette.dev/problems/${code}`,
    title: kind.title,
    status: kind.status,
    detail: `${detail} ${detail.includes(kind.remedy) ? '' : kind.remedy}`.trim(),
    code,
    ...(requestId === undefined ? {} : { requestId }),
  };
}
