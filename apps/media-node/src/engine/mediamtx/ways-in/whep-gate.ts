// Enters: WHEP requests below /whep. Leaves: MediaMTX's answers, under our addresses and with our problems.
// Signalling alone: the media goes from MediaMTX's UDP port to the viewer.
import type { MediaClaims, SessionId } from '@vedette/contracts';
import { type GivenIceServer, VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmissionPort } from '../../../auth/admission-port.ts';
import { requestCredentials } from '../../../auth/request-credentials.ts';
import { linkHeader } from '../../../egress/whep/link-header.ts';
import { clientAddress } from '../../../http/client-address.ts';
import type { AuthEndpoint } from '../auth-endpoint.ts';
import type { MediaMtxEngine } from '../mediamtx-engine.ts';
import { askUpstream, goneSignal, textOf } from './ask-upstream.ts';
import { whepRefusal } from './whep-refusal.ts';

export interface WhepGateOptions {
  readonly engine: MediaMtxEngine;
  readonly auth: Pick<AuthEndpoint, 'expect'>;
  readonly admission: AdmissionPort;
  /** MediaMTX's WebRTC listener, `http://host:port`. */
  readonly upstream: string;
  readonly iceServers: (claims: MediaClaims) => readonly GivenIceServer[];
  readonly isRevoked: (sessionId: SessionId) => boolean;
}

interface OpenSession {
  /** What MediaMTX's API calls it; its address has another name. */
  readonly id: string;
  readonly path: string;
  readonly claims: MediaClaims;
  readonly opener: string;
}

interface SessionRoute {
  readonly Params: { readonly path: string; readonly resource: string };
  readonly Body: string;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const MEDIA_TOKEN = /^Bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;
/** MediaMTX waits 7 s for a camera; players give up after 8. */
const ANSWER_WITHIN_MS = 9000;
/** Of which a goodbye may still come; the oldest are forgotten first. */
const MAX_SESSIONS = 20_000;

export async function whepGate(app: FastifyInstance, options: WhepGateOptions): Promise<void> {
  const { admission, auth, engine, upstream } = options;
  const sessions = new Map<string, OpenSession>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { path: string }; Body: string }>('/whep/:path', async (request, reply) => {
    requireType(request, SDP);
    const address = clientAddress(request);
    const answer = await admission.admit({
      path: request.params.path,
      protocol: 'webrtc',
      credentials: requestCredentials(request),
      clientAddress: address,
    });
    if (answer.kind === 'elsewhere') return reply.redirect(answer.url, 307);
    const { claims, path, token } = answer;
    using _knocking = await engine.admit(path, claims, 'webrtc');
    auth.expect(claims.sid, address);
    const opened = await askUpstream({
      url: `${upstream}/${path}/whep`,
      method: 'POST',
      headers: { 'content-type': SDP, authorization: `Bearer ${token}` },
      body: request.body,
      signal: AbortSignal.any([goneSignal(reply), AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    const text = await textOf(opened);
    if (opened.status !== 201) throw whepRefusal(opened.status, text);
    const id = String(opened.headers['id']);
    const resource = opened.headers.location?.split('?')[0]?.split('/').at(-1) ?? id;
    if (options.isRevoked(claims.sid)) throw new VedetteError('session_revoked');
    engine.clients.joined('webrtcsessions', id, { claims, path, protocol: 'webrtc', clientAddress: address });
    sessions.set(resource, { id, path, claims, opener: secretOf(request) });
    if (sessions.size > MAX_SESSIONS)
      for (const oldest of sessions.keys()) if (sessions.delete(oldest)) break;
    reply.headers({
      location: `${request.url.split('?')[0]}/${resource}`,
      etag: '"1"',
      'accept-patch': FRAGMENT,
    });
    const link = linkHeader(options.iceServers(claims));
    if (link !== undefined) reply.header('link', link);
    return reply.code(201).type(SDP).send(text);
  });

  app.patch<SessionRoute>('/whep/:path/:resource', async (request, reply) => {
    requireType(request, FRAGMENT);
    const session = await own(request, options, sessions);
    const answer = await pass(request, upstream, session, 'PATCH');
    const text = await textOf(answer);
    if (answer.status === 404) throw new VedetteError('session_not_found');
    if (answer.status >= 400) throw new VedetteError('invalid_offer');
    // An ICE restart is answered with the other side's new fragment.
    return answer.status === 200 ? reply.code(200).type(FRAGMENT).send(text) : reply.code(204).send();
  });

  app.delete<SessionRoute>('/whep/:path/:resource', async (request, reply) => {
    const session = await own(request, options, sessions);
    sessions.delete(request.params.resource);
    engine.clients.left(session.id);
    // Whether or not MediaMTX still knows it: it is gone from here, and would be kicked.
    await pass(request, upstream, session, 'DELETE').then(textOf, () => undefined);
    return reply.code(200).send();
  });
}

function pass(
  request: FastifyRequest<SessionRoute>,
  upstream: string,
  session: OpenSession,
  method: 'PATCH' | 'DELETE',
) {
  return askUpstream({
    url: `${upstream}/${session.path}/whep/${encodeURIComponent(request.params.resource)}`,
    method,
    headers: method === 'PATCH' ? { 'content-type': FRAGMENT } : {},
    ...(method === 'PATCH' ? { body: request.body } : {}),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
}

/** The session of this URL, if the caller is the one whose view it is. */
async function own(
  request: FastifyRequest<SessionRoute>,
  { admission }: WhepGateOptions,
  sessions: ReadonlyMap<string, OpenSession>,
): Promise<OpenSession> {
  const session = sessions.get(request.params.resource);
  const secret = secretOf(request);
  if (secret === '') throw new VedetteError('unauthenticated');
  if (session !== undefined && session.opener === secret) return session;
  // Otherwise a renewed token of the same view; a name and a password would begin another one.
  const answer =
    session === undefined || !MEDIA_TOKEN.test(secret)
      ? undefined
      : await admission.admit({
          path: session.path,
          protocol: 'webrtc',
          credentials: requestCredentials(request),
          clientAddress: clientAddress(request),
        });
  if (session === undefined || answer?.kind !== 'granted' || answer.claims.sid !== session.claims.sid)
    throw new VedetteError('session_not_found');
  return session;
}

function secretOf(request: FastifyRequest): string {
  return request.headers.authorization ?? '';
}

function requireType(request: FastifyRequest, type: string): void {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== type)
    throw new VedetteError('unsupported_media_type', { detail: `The body must be ${type}.` });
}
