// Enters: a request for a stream's stable address, with credentials. Leaves: a redirection to where the view is.
// Not its job: who may watch and starting the pull (AdmissionPort), playlists (hls-routes.ts).
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmissionPort, PathCredentials } from '../../auth/admission-port.ts';
import { requestCredentials } from '../../auth/request-credentials.ts';
import { clientAddress } from '../../http/client-address.ts';

interface StableRoute {
  readonly Params: { readonly path: string };
  readonly Querystring: { readonly token?: unknown };
}

/** RFC 7617: any player then asks its user. */
export const BASIC_CHALLENGE = 'Basic realm="Vedette", charset="UTF-8"';

/** Mounts `/hls/{path}/index.m3u8` for players that call no API. */
export async function hlsStableRoute(app: FastifyInstance, admission: AdmissionPort): Promise<void> {
  app.get<StableRoute>('/hls/:path/index.m3u8', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { path } = request.params;
    try {
      const answer = await admission.admit({
        path,
        protocol: 'hls',
        credentials: givenCredentials(request),
        clientAddress: clientAddress(request),
      });
      // Relative, so that it is right behind a proxy that serves the node under a prefix.
      const there = answer.kind === 'granted' ? `../${answer.token}/${path}/index.m3u8` : answer.url;
      return reply.redirect(there, 302);
    } catch (error) {
      if (error instanceof VedetteError && error.code === 'unauthenticated')
        reply.header('www-authenticate', BASIC_CHALLENGE);
      throw error;
    }
  });
}

/** By header, or as `?token=` where a player can set none. */
export function givenCredentials(request: FastifyRequest): PathCredentials {
  const given = requestCredentials(request);
  if (given.kind !== 'none') return given;
  const query: unknown = request.query;
  const token = typeof query === 'object' && query !== null && 'token' in query ? query.token : undefined;
  return typeof token === 'string' && token !== '' ? { kind: 'bearer', token } : { kind: 'none' };
}
