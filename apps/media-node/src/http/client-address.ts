import type { FastifyRequest } from 'fastify';

/** Of the caller; empty when the socket has closed meanwhile, whatever the framework's type says. */
export function clientAddress(request: Pick<FastifyRequest, 'ip'>): string {
  const address: string | undefined = request.ip;
  return address ?? '';
}
