import rateLimit from '@fastify/rate-limit';
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../access/principal.ts';

/**
 * Requests a minute. Opening a wall of 50 is some 150 requests at once, a script's 100 starts are 100;
 * twenty operators behind one address open their walls when the shift begins.
 */
const A_PRINCIPAL = 1_200;
const AN_ADDRESS = 6_000;
const UNKNOWN = 300;

/** Counts requests a minute. Throws `rate_limited` with the seconds to wait. */
export async function createRateLimits(
  app: FastifyInstance,
): Promise<(request: FastifyRequest, principal: Principal | undefined) => Promise<void>> {
  await app.register(rateLimit, {
    global: true,
    max: AN_ADDRESS,
    timeWindow: '1 minute',
    keyGenerator: (request) => request.ip,
    addHeaders: noHeaders(),
    addHeadersOnExceeding: noHeaders(),
    errorResponseBuilder: (_request, context) => tooMany(Math.ceil(context.ttl / 1000)),
  });
  const ofPrincipal = app.createRateLimit({
    max: A_PRINCIPAL,
    timeWindow: '1 minute',
    keyGenerator: (request) => keyOf.get(request) ?? request.ip,
  });
  const ofUnknown = app.createRateLimit({
    max: UNKNOWN,
    timeWindow: '1 minute',
    keyGenerator: (request) => request.ip,
  });
  const keyOf = new WeakMap<FastifyRequest, string>();
  return async (request, principal) => {
    if (principal !== undefined) keyOf.set(request, principal.id);
    const answer = await (principal === undefined ? ofUnknown : ofPrincipal)(request);
    if (!answer.isAllowed && answer.isExceeded) throw tooMany(answer.ttlInSeconds);
  };
}

/** The limits of one token are nobody's business; a 429 says when to come back. */
function noHeaders() {
  return { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };
}

function tooMany(retryAfterSeconds: number): VedetteError {
  return new VedetteError('rate_limited', { retryAfterSeconds: Math.max(1, retryAfterSeconds) });
}
