// In: requests. Out: answers of the rooms' routes, the API description, the dashboard's files, or a problem.
// Order: request id, security headers, rate limit by address, who asks, may they, then the route.
// Not its job: what any route does (each room has its own), and listening on a port (main.ts).
import cookie from '@fastify/cookie';
import websocket from '@fastify/websocket';
import { createHttpServer, type Log, type Metrics, VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Authenticator } from '../access/authenticator.ts';
import { addRequestGuard } from '../access/request-guard.ts';
import { type AuditPort, addAudit } from '../audit/audit-request.ts';
import { addApiDescription } from './api-description.ts';
import { rememberClientAddress } from './client-address.ts';
import { addDashboardFiles } from './dashboard-files.ts';
import { type Dispensable, healthRoutes, type ReadinessCheck } from './health-routes.ts';
import { trackMethods } from './method-not-allowed.ts';
import { createRateLimits } from './rate-limits.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { validatorCompiler } from './validation.ts';

const BODY_LIMIT = 256 * 1024;
/** A node reports thousands of streams in one message. */
const MAX_NODE_MESSAGE = 32 * 1024 * 1024;

export interface AppOptions {
  readonly log: Log;
  readonly version: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Where browsers reach us. */
  readonly publicUrl: string;
  /** CIDRs of proxies in front. */
  readonly trustedProxies?: readonly string[];
  /** Origins of the media nodes as they are now. */
  readonly mediaOrigins: () => readonly string[];
  readonly authenticator: Pick<Authenticator, 'byCookie' | 'byBearer'>;
  readonly cookieName: string;
  readonly checks: readonly ReadinessCheck[];
  /** What we can do without for a while. */
  readonly dispensable?: readonly Dispensable[];
  readonly metrics: Metrics;
  readonly audit: AuditPort;
  /** Built files of the dashboard. */
  readonly dashboardFolder: string;
  /** Routes under /api/v1; every one names who may use it in `config.access`. */
  readonly api: readonly FastifyPluginAsync[];
  /** The same under /. */
  readonly root: readonly FastifyPluginAsync[];
}

/** The whole HTTP side, ready to listen or to be asked by `inject`. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { log, tls, trustedProxies = [] } = options;
  const app = createHttpServer({ log, bodyLimit: BODY_LIMIT, tls, trustedProxies });
  // Bodies are JSON; any other type is 415.
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await addSecurityHeaders(app, { tls: options.tls !== undefined, mediaOrigins: options.mediaOrigins });
  rememberClientAddress(app);
  await app.register(cookie);
  await app.register(websocket, { options: { maxPayload: MAX_NODE_MESSAGE, perMessageDeflate: false } });
  await addApiDescription(app, { version: options.version });
  await addDashboardFiles(app, { folder: options.dashboardFolder });
  const answerOtherMethods = trackMethods(app);
  await app.register(async (guarded) => {
    const limit = await createRateLimits(guarded);
    addRequestGuard(guarded, {
      authenticator: options.authenticator,
      cookieName: options.cookieName,
      publicOrigin: new URL(options.publicUrl).origin,
      limit,
    });
    addAudit(guarded, options.audit);
    for (const routes of options.root) await guarded.register(routes);
    await guarded.register(healthRoutes(options));
    await guarded.register(
      async (api) => {
        // What is private or just changed must not be kept by any cache.
        api.addHook('onSend', async (_request, reply) => {
          if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
        });
        for (const routes of options.api) await api.register(routes);
      },
      { prefix: '/api/v1' },
    );
  });
  answerOtherMethods();
  // Otherwise the dashboard's page would answer what is not in the API.
  app.all('/api/*', { schema: { hide: true } }, async () => {
    throw new VedetteError('not_found');
  });
  await app.ready();
  return app;
}
