import type { FastifyInstance } from 'fastify';
import type { MediaTokenIssuer } from './media-token-issuer.ts';

/** `/.well-known/jwks.json`: public, no sign-in. */
export function jwksRoutes(options: { readonly tokens: Pick<MediaTokenIssuer, 'jwks'> }) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get(
      '/.well-known/jwks.json',
      { config: { access: 'public' }, schema: { hide: true } },
      async (_request, reply) => {
        reply.header('cache-control', 'public, max-age=300').type('application/jwk-set+json');
        return options.tokens.jwks;
      },
    );
  };
}
