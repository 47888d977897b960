import type { Problem } from '@vedette/contracts';

/** What every call of the API client resolves to; it never rejects, except when its signal aborts. */
export type ApiResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** A problem as an exception, for TanStack Query, which knows failures only as such. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export function unwrap<T>(result: ApiResult<T>): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.problem);
}

/** Any thrown value as a problem that can be shown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return {
    type: 'about:blank',
    title: 'Something went wrong in this page',
    status: 0,
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    code: 'internal_error',
  };
}
