// Enters: HTTP requests below /whip (RFC 9725). Leaves: answers, problems.
// Not its job: CORS and TLS, which belong to the server that this is registered with; who may publish what.
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { mayPublish, type PublishPlace, type PublishRegistry } from './publish-registry.ts';
import type { WhipEndpoint } from './whip-endpoint.ts';
import type { WhipSession } from './whip-session.ts';

export interface WhipRoutesOptions {
  readonly endpoint: WhipEndpoint;
  readonly registry: Pick<PublishRegistry, 'find'>;
}

/** As in an Authorization header: Basic has both, a bearer token is the password alone. */
interface Credentials {
  readonly username: string | undefined;
  readonly password: string;
}

interface SessionRoute {
  readonly Params: { readonly path: string; readonly resource: string };
  readonly Body: string;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

export async function whipRoutes(app: FastifyInstance, options: WhipRoutesOptions): Promise<void> {
  const { endpoint, registry } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { path: string }; Body: string }>('/whip/:path', async (request, reply) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== SDP)
      throw new VedetteError('unsupported_media_type', { detail: `The body must be ${SDP}.` });
    const { path } = request.params;
    // Nobody learns which paths there are by asking without the right password.
    const credentials = credentialsOf(request);
    const place = await registry.find(path, 'whip');
    if (place === undefined || !isAllowed(place, credentials)) throw new VedetteError('unauthenticated');
    const { session, answerSdp } = await endpoint.open(path, place, request.body);
    return reply
      .code(201)
      .headers({ location: `${request.url.split('?')[0]}/${session.id}`, etag: session.etag })
      .type(SDP)
      .send(answerSdp);
  });

  // All of our candidates are in the answer and the encoder's are learned from its checks.
  app.patch<SessionRoute>('/whip/:path/:resource', async (request, reply) => {
    const session = own(request, endpoint);
    const ufrag = /^a=ice-ufrag:(.*?)\r?$/m.exec(request.body ?? '')?.[1];
    if (ufrag !== undefined && ufrag !== session.remoteUfrag) throw new VedetteError('ice_restart_refused');
    return reply.code(204).send();
  });

  app.delete<SessionRoute>('/whip/:path/:resource', async (request, reply) => {
    own(request, endpoint).end();
    return reply.code(200).send();
  });
}

/** The session of this URL, if the caller is the one who publishes. */
function own(request: FastifyRequest<SessionRoute>, endpoint: WhipEndpoint): WhipSession {
  const { path, resource } = request.params;
  const credentials = credentialsOf(request);
  const session = endpoint.session(resource);
  if (session === undefined || session.path !== path || !isAllowed(session.place, credentials))
    throw new VedetteError('session_not_found');
  return session;
}

function isAllowed(place: PublishPlace, { username, password }: Credentials): boolean {
  return mayPublish(place, { username: username ?? place.username, password });
}

function credentialsOf(request: FastifyRequest): Credentials {
  const header = request.headers.authorization ?? '';
  const bearer = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) return { username: undefined, password: bearer };
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  const text = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new VedetteError('unauthenticated');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
