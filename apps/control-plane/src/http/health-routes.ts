import { type Metrics, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.ts';
import { authorize } from '../access/permission.ts';

export interface ReadinessCheck {
  /** Named in the answer while it is not ready. */
  readonly name: string;
  /** False or a rejection: not yet. */
  ready(): boolean | Promise<boolean>;
}

/** Something that we can do without for a while. */
export interface Dispensable {
  /** Named in the answer while it is away. */
  readonly name: string;
  isAway(): boolean;
}

/** A check that is done with once it has held: what is lost later is told otherwise. */
export function once(check: ReadinessCheck): ReadinessCheck {
  let held = false;
  return {
    name: check.name,
    async ready() {
      held ||= await check.ready();
      return held;
    },
  };
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function healthRoutes(options: {
  readonly checks: readonly ReadinessCheck[];
  readonly dispensable?: readonly Dispensable[];
  readonly metrics: Metrics;
  readonly authenticator: Pick<Authenticator, 'byBearer'>;
}): FastifyPluginAsync {
  const { authenticator, checks, dispensable = [], metrics } = options;
  return async (app) => {
    app.get('/healthz', { config: { access: 'public' }, schema: { hide: true } }, async () => ({
      status: 'alive',
    }));

    app.get('/readyz', { config: { access: 'public' }, schema: { hide: true } }, async () => {
      const results = await Promise.all(
        checks.map(async (check) => ((await isReady(check)) ? undefined : check.name)),
      );
      const waitingFor = results.filter((name) => name !== undefined);
      if (waitingFor.length > 0)
        throw new VedetteError('unavailable', { detail: `Not ready yet: ${waitingFor.join(', ')}.` });
      const without = dispensable.filter((each) => each.isAway()).map(({ name }) => name);
      return { status: 'ready', ...(without.length > 0 ? { without } : {}) };
    });

    app.get(
      '/metrics',
      { config: { access: 'own-check' }, schema: { hide: true } },
      async (request, reply) => {
        if (!isFromThisMachine(request)) {
          const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
          const principal = bearer === undefined ? undefined : await authenticator.byBearer(bearer);
          const decision = authorize(principal, 'metrics.read');
          if (!decision.allowed) throw new VedetteError(decision.code);
        }
        return reply.type(metrics.contentType).send(await metrics.metrics());
      },
    );
  };
}

async function isReady(check: ReadinessCheck): Promise<boolean> {
  try {
    return await check.ready();
  } catch {
    return false;
  }
}

/** A scraper beside us needs no token; a proxy beside us speaks for others and says so. */
function isFromThisMachine(request: FastifyRequest): boolean {
  const { headers } = request;
  const forwarded =
    headers['x-forwarded-for'] ?? headers['forwarded'] ?? headers['via'] ?? headers['x-real-ip'];
  if (forwarded !== undefined) return false;
  const address = request.socket.remoteAddress ?? '';
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
