// Enters: a request for a stream's stable address, with credentials. Leaves: a redirection to where the view is.
// Not its job: who may watch and starting the pull (AdmissionPort), playlists (hls-routes.ts).
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import type { AdmissionPort } from '../../auth/admission-port.ts';
import { clientAddress } from '../../http/client-address.ts';
import { BASIC_CHALLENGE, givenCredentials } from '../../http/given-credentials.ts';

interface StableRoute {
  readonly Params: { readonly path: string };
  readonly Querystring: { readonly token?: unknown };
}

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
      const there = answer.kind === 'granted' ? `../${answer.token}/${answer.path}/index.m3u8` : answer.url;
      return reply.redirect(there, 302);
    } catch (error) {
      if (error instanceof VedetteError && error.code === 'unauthenticated')
        reply.header('www-authenticate', BASIC_CHALLENGE);
      throw error;
    }
  });
}
