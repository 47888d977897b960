import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the caller, also after it has gone; empty when it had gone before the request was looked at. */
    clientAddress: string;
  }
}

/** `request.ip` is forgotten with the caller's connection, whatever its type says, and records need it longer. */
export function rememberClientAddress(app: FastifyInstance): void {
  app.decorateRequest('clientAddress', '');
  app.addHook('onRequest', async (request) => {
    const address: string | undefined = request.ip;
    request.clientAddress = address ?? '';
  });
}
