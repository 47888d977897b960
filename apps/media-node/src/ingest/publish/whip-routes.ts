// Enters: HTTP requests below /whip (RFC 9725). Leaves: answers, problems.
// Not its job: CORS and TLS, which belong to the server that this is registered with; who may publish what.
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WhipEndpoint } from './whip-endpoint.ts';
import type { PublishPlace, WhipSession } from './whip-session.ts';

/** As in an Authorization header: Basic has both, a bearer token is the password alone. */
export interface PublisherCredentials {
  readonly username: string | undefined;
  readonly password: string;
}

export interface WhipRoutesOptions {
  readonly endpoint: WhipEndpoint;
  /**
   * Whether this publisher may send to `path`; the place is taken when it is asked for.
   * Throws VedetteError `unauthenticated`, `not_found`, `not_running`.
   */
  readonly admit: (path: string, credentials: PublisherCredentials) => () => PublishPlace;
}

interface SessionRoute {
  readonly Params: { readonly path: string; readonly resource: string };
  readonly Body: string;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

export async function whipRoutes(app: FastifyInstance, options: WhipRoutesOptions): Promise<void> {
  const { endpoint } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { path: string }; Body: string }>('/whip/:path', async (request, reply) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== SDP)
      throw new VedetteError('unsupported_media_type', { detail: `The body must be ${SDP}.` });
    const { path } = request.params;
    const place = options.admit(path, credentialsOf(request));
    const { session, answerSdp } = await endpoint.open(path, request.body, place);
    return reply
      .code(201)
      .headers({ location: `${request.url.split('?')[0]}/${session.id}`, etag: session.etag })
      .type(SDP)
      .send(answerSdp);
  });

  // All of our candidates are in the answer and the encoder's are learned from its checks.
  app.patch<SessionRoute>('/whip/:path/:resource', async (request, reply) => {
    const session = own(request, options);
    const ufrag = /^a=ice-ufrag:(.*?)\r?$/m.exec(request.body ?? '')?.[1];
    if (ufrag !== undefined && ufrag !== session.remoteUfrag) throw new VedetteError('ice_restart_refused');
    return reply.code(204).send();
  });

  app.delete<SessionRoute>('/whip/:path/:resource', async (request, reply) => {
    own(request, options).close();
    return reply.code(200).send();
  });
}

/** The session of this URL: its address is the proof, as nobody guesses it; credentials are looked at as well. */
function own(request: FastifyRequest<SessionRoute>, options: WhipRoutesOptions): WhipSession {
  const { path, resource } = request.params;
  options.admit(path, credentialsOf(request));
  const session = options.endpoint.session(resource);
  if (session === undefined || session.path !== path) throw new VedetteError('session_not_found');
  return session;
}

function credentialsOf(request: FastifyRequest): PublisherCredentials {
  const header = request.headers.authorization ?? '';
  const bearer = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) return { username: undefined, password: bearer };
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  const text = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new VedetteError('unauthenticated');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
