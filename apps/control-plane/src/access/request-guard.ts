// In: every request to the API. Out: the request with its principal, or a problem.
// Not its job: knowing who may do what (permission.ts), and recognising secrets (authenticator.ts).
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRouteAccess } from '../http/route-access.ts';
import type { Authenticator } from './authenticator.ts';
import { isCsrfToken, isOwnOrigin } from './csrf-token.ts';
import { authorize } from './permission.ts';
import { PRINCIPAL, type Principal } from './principal.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface RequestGuardOptions {
  readonly authenticator: Pick<Authenticator, 'byCookie' | 'byBearer'>;
  readonly cookieName: string;
  /** Origin of the public URL, `https://host:port`. */
  readonly publicOrigin: string;
  /** Throws `rate_limited` when this principal, or this address while nobody is known, asks too often. */
  readonly limit: (request: FastifyRequest, principal: Principal | undefined) => Promise<void>;
}

/** Adds the guard to all routes registered on `app` from now on. A route without `config.access` throws. */
export function addRequestGuard(app: FastifyInstance, options: RequestGuardOptions): void {
  app.decorateRequest(PRINCIPAL, null);
  app.addHook('onRoute', (route) => {
    if (!isRouteAccess(route.config?.access))
      throw new Error(`${route.method} ${route.url} does not say who may use it (config.access)`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === 'public' || access === 'own-check') {
      if (!SAFE_METHODS.has(request.method)) requireOwnOrigin(request, options.publicOrigin);
      return;
    }
    const principal = await identify(request, options);
    await options.limit(request, principal);
    // Without `access` there is no permission to check, and nothing is allowed.
    const decision = access === undefined ? undefined : authorize(principal, access);
    if (principal === undefined || decision === undefined || !decision.allowed)
      throw new VedetteError(decision?.allowed === false ? decision.code : 'forbidden');
    request.setDecorator(PRINCIPAL, principal);
  });
}

async function identify(
  request: FastifyRequest,
  options: RequestGuardOptions,
): Promise<Principal | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return bearer === undefined ? undefined : options.authenticator.byBearer(bearer);
  }
  const cookie = request.cookies[options.cookieName];
  if (cookie === undefined || cookie === '') return undefined;
  const principal = await options.authenticator.byCookie(cookie);
  if (principal !== undefined && !SAFE_METHODS.has(request.method)) {
    requireOwnOrigin(request, options.publicOrigin);
    if (!isCsrfToken(request.headers['x-csrf-token'], cookie)) throw new VedetteError('csrf_rejected');
  }
  return principal;
}

function requireOwnOrigin(request: FastifyRequest, publicOrigin: string): void {
  if (!isOwnOrigin(request.headers.origin, { host: request.host, publicOrigin }))
    throw new VedetteError('csrf_rejected');
}
