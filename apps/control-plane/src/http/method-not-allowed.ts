import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, HTTPMethods } from 'fastify';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Remembers the methods of every route registered from now on. The returned function, called when all
 * are registered, makes the other methods of each address answer 405 with `Allow` instead of 404.
 */
export function trackMethods(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = methodsOf.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) methods.add(method);
    methodsOf.set(route.url, methods);
  });
  return () => {
    for (const [url, present] of [...methodsOf]) {
      const missing = METHODS.filter((method) => !present.has(method));
      // What a wildcard serves is files; there is nothing to be said about methods there.
      if (missing.length === 0 || url.endsWith('*')) continue;
      const allow = METHODS.filter((method) => present.has(method)).join(', ');
      app.route({
        url,
        method: missing,
        schema: { hide: true },
        handler: async (_request, reply) => {
          reply.header('allow', allow);
          throw new VedetteError('method_not_allowed');
        },
      });
    }
  };
}
