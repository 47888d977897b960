import type { ReasonCode } from '@vedette/contracts';
import { REASON_TEXT } from '@vedette/contracts/reason-text';
import { PlayerError } from './player-error.ts';

const MOST_RETRY_AFTER_MS = 60_000;

/** What an RFC 9457 answer that is not 2xx says; `otherwise` when it is not one of ours. Never rejects. */
export async function problemOf(response: Response, otherwise: ReasonCode): Promise<PlayerError> {
  const body: unknown = await response.json().catch(() => undefined);
  const retryAfterMs = retryAfterOf(response, body);
  return new PlayerError(codeOf(body) ?? codeOfStatus(response.status) ?? otherwise, { retryAfterMs });
}

/** The code in the text of a problem; undefined when there is none. */
export function reasonIn(text: string): ReasonCode | undefined {
  try {
    return codeOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): ReasonCode | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  return isReasonCode(body.code) ? body.code : undefined;
}

export function isReasonCode(value: unknown): value is ReasonCode {
  return typeof value === 'string' && Object.hasOwn(REASON_TEXT, value);
}

/** For proxies and foreign servers, which answer without a code. */
function codeOfStatus(status: number): ReasonCode | undefined {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 406) return 'no_common_codec';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return undefined;
}

function retryAfterOf(response: Response, body: unknown): number {
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  const stated =
    typeof body === 'object' && body !== null && 'retryAfterSeconds' in body
      ? Number(body.retryAfterSeconds)
      : header;
  const ms = stated * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.min(MOST_RETRY_AFTER_MS, ms) : 0;
}
