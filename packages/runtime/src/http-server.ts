import { readFileSync } from 'node:fs';
import { type FastifyInstance, type FastifyServerOptions, fastify, LogController } from 'fastify';
import type { Log } from './log.ts';
import { toProblem } from './problem-reply.ts';
import { idSource } from './random.ts';

export interface HttpServerOptions {
  readonly log: Log;
  /** Bytes; a larger body is answered 413. */
  readonly bodyLimit: number;
  /** PEM files; given both, the port speaks HTTPS with HTTP/2, and HTTP/1.1 for those who know no other. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** A Fastify server as every process of ours runs it: problems for all errors, a request id in each answer. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const common: FastifyServerOptions = {
    loggerInstance: options.log,
    bodyLimit: options.bodyLimit,
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: idSource(),
    routerOptions: { maxParamLength: 2048 },
    forceCloseConnections: true,
    keepAliveTimeout: 75_000,
  };
  const app = (
    options.tls === undefined
      ? fastify(common)
      : fastify({
          ...common,
          http2: true,
          https: {
            allowHTTP1: true,
            cert: readFileSync(options.tls.certFile),
            key: readFileSync(options.tls.keyFile),
          },
        } as FastifyServerOptions)
  ) as FastifyInstance;

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id);
    if (problem.status >= 500 && problem.code === 'internal_error')
      request.log.error({ err: error }, 'request failed');
    if (problem.retryAfterSeconds !== undefined)
      reply.header('retry-after', String(problem.retryAfterSeconds));
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem({ statusCode: 404, message: 'There is nothing at this address.' }, request.id);
    return reply.code(404).type('application/problem+json').send(JSON.stringify(problem));
  });
  return app;
}
