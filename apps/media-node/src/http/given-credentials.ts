import type { FastifyRequest } from 'fastify';
import type { PathCredentials } from '../auth/admission-port.ts';
import { requestCredentials } from '../auth/request-credentials.ts';

/** RFC 7617: any player then asks its user. */
export const BASIC_CHALLENGE = 'Basic realm="Vedette", charset="UTF-8"';

/** By header, or as `?token=` where a player or an image can set none. */
export function givenCredentials(request: Pick<FastifyRequest, 'headers' | 'query'>): PathCredentials {
  const given = requestCredentials(request);
  if (given.kind !== 'none') return given;
  const { query } = request;
  const token = typeof query === 'object' && query !== null && 'token' in query ? query.token : undefined;
  return typeof token === 'string' && token !== '' ? { kind: 'bearer', token } : { kind: 'none' };
}
