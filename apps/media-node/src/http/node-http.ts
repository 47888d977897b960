// The node's HTTP server: media routes under one CORS rule, health and metrics.
// Not its job: what the routes do.
import cors from '@fastify/cors';
import { createHttpServer, type Log, type Metrics, sameSecret, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import type { AllowedOrigins } from './allowed-origins.ts';

export interface NodeHttpOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly origins: AllowedOrigins;
  /** Metrics are told to who knows it. */
  readonly nodeToken: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** CIDRs of proxies in front. */
  readonly trustedProxies?: readonly string[];
  readonly mediaRoutes: readonly ((app: FastifyInstance) => Promise<void>)[];
}

/** An SDP offer of many lines stays far below it. */
const BODY_LIMIT = 64 * 1024;
const PREFLIGHT_SECONDS = 600;

export async function createNodeHttp(options: NodeHttpOptions): Promise<FastifyInstance> {
  const { log, tls, trustedProxies = [] } = options;
  const app = createHttpServer({ log, bodyLimit: BODY_LIMIT, tls, trustedProxies });
  await app.register(cors, {
    origin: (origin, decide) => decide(null, origin !== undefined && options.origins.includes(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match'],
    exposedHeaders: ['Location', 'ETag', 'Link', 'Accept-Patch', 'Retry-After', 'Age'],
    maxAge: PREFLIGHT_SECONDS,
  });
  for (const routes of options.mediaRoutes) await app.register(routes);
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (request, reply) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !sameSecret(token, options.nodeToken))
      throw new VedetteError('unauthenticated');
    return reply.type(options.metrics.contentType).send(await options.metrics.metrics());
  });
  return app;
}
