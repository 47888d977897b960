import type { FastifyRequest } from 'fastify';
import type { PathCredentials } from './admission-port.ts';

/** What the Authorization header of a request presents (RFC 6750, RFC 7617); `none` for anything else. */
export function requestCredentials(request: Pick<FastifyRequest, 'headers'>): PathCredentials {
  const header = request.headers.authorization ?? '';
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
  if (token !== undefined) return { kind: 'bearer', token };
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (basic === undefined) return { kind: 'none' };
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0
    ? { kind: 'none' }
    : { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
