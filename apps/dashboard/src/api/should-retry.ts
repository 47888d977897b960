import { problemOf } from './api-result.ts';

const MOST = 2;

/** Reads are tried again when control was away or overloaded, never when it has given its answer. */
export function shouldRetry(failures: number, thrown: unknown): boolean {
  const { status } = problemOf(thrown);
  return failures < MOST && (status === 0 || status === 502 || status === 503 || status === 504);
}
