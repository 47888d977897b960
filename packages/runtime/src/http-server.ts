import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Problem } from '@vedette/contracts';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions,
  fastify,
  LogController,
} from 'fastify';
import type { Log } from './log.ts';
import { toProblem } from './problem-reply.ts';
import { idSource } from './random.ts';

export interface HttpServerOptions {
  readonly log: Log;
  /** Bytes; a larger body is answered 413. */
  readonly bodyLimit: number;
  /** PEM files; given both, the port speaks HTTPS with HTTP/2, and HTTP/1.1 for those who know no other. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** CIDRs of proxies in front, whose X-Forwarded-For tells who a caller is; nobody else's does. */
  readonly trustedProxies?: readonly string[];
}

/** A Fastify server as every process of ours runs it: problems for all errors, a request id in each answer. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const common: FastifyServerOptions = {
    loggerInstance: options.log,
    bodyLimit: options.bodyLimit,
    requestIdHeader: false,
    trustProxy: (options.trustedProxies ?? []).length === 0 ? false : [...(options.trustedProxies ?? [])],
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: idSource(),
    routerOptions: { maxParamLength: 2048 },
    forceCloseConnections: true,
    keepAliveTimeout: 75_000,
    // An address that cannot be decoded; no hook and no other handler sees it.
    frameworkErrors: (error, request, reply) => {
      const { statusCode } = error;
      const problem = toProblem({ statusCode, message: 'The address cannot be decoded.' }, request.id);
      send(reply.header('x-request-id', request.id), problem);
    },
    clientErrorHandler: answerBroken,
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
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, toProblem({ statusCode: 404, message: 'There is nothing at this address.' }, request.id)),
  );
  return app;
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Answers what the HTTP parser gave up on, and hangs up. */
function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const { problem, status } = brokenRequest(error.code);
    const body = JSON.stringify(problem);
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

function brokenRequest(code: string | undefined): { readonly status: string; readonly problem: Problem } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The address and the headers are too long.';
    const problem = { ...toProblem({ statusCode: 413, message }), status: 431 };
    return { status: '431 Request Header Fields Too Large', problem };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'The request did not come in time.';
    const problem = { ...toProblem({ statusCode: 400, message }), status: 408 };
    return { status: '408 Request Timeout', problem };
  }
  return { status: '400 Bad Request', problem: toProblem({ statusCode: 400, message: 'That is no HTTP.' }) };
}
