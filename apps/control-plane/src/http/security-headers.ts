import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/**
 * What a page of ours may load: its own files, and media from the nodes. `blob:` is how a player hands
 * segments to a video element and starts its worker. Neither scripts nor styles may stand inline; a page
 * sets the latter by script (CSSOM, adopted style sheets).
 */
export async function addSecurityHeaders(
  app: FastifyInstance,
  options: {
    readonly tls: boolean;
    /** Origins of the media nodes as they are now. */
    readonly mediaOrigins: () => readonly string[];
  },
): Promise<void> {
  const media = () => options.mediaOrigins().join(' ');
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'script-src-attr': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'blob:', media],
        'font-src': ["'self'", 'data:'],
        'connect-src': ["'self'", media],
        'media-src': ["'self'", 'blob:', media],
        'worker-src': ["'self'", 'blob:'],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Over plain HTTP browsers ignore these three and complain about it in every console.
    strictTransportSecurity: options.tls ? { maxAge: 15_552_000, includeSubDomains: false } : false,
    crossOriginOpenerPolicy: options.tls ? { policy: 'same-origin' } : false,
    originAgentCluster: options.tls,
  });
}
