// Enters: HTTP requests below /whep (draft-ietf-wish-whep-03). Leaves: answers, problems.
// Not its job: CORS and TLS, which belong to the server that this is registered with.
import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import { type GivenIceServer, VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmissionAnswer, AdmissionPort } from '../../auth/admission-port.ts';
import { requestCredentials } from '../../auth/request-credentials.ts';
import { clientAddress } from '../../http/client-address.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { linkHeader } from './link-header.ts';
import type { WhepEndpoint } from './whep-endpoint.ts';
import type { WhepSession } from './whep-session.ts';

/** A viewer that was let in, for whoever keeps count of viewers. */
export interface WhepViewer {
  readonly session: WhepSession;
  readonly claims: MediaClaims;
  readonly path: string;
  readonly clientAddress: string;
}

export interface WhepRoutesOptions {
  readonly endpoint: WhepEndpoint;
  readonly admission: AdmissionPort;
  readonly lookup: (path: string) => StreamHub | undefined;
  /** Throws VedetteError `at_capacity` when the stream has all the viewers it may have. */
  readonly admit: (path: string, claims: MediaClaims) => void;
  readonly onJoin: (viewer: WhepViewer) => void;
  readonly onOpen: (viewer: WhepViewer) => void;
  readonly onLeave: (viewer: WhepViewer, reason: ReasonCode) => void;
  /** Told to viewers in the Link header. */
  readonly iceServers: (claims: MediaClaims) => readonly GivenIceServer[];
}

/** What a session was opened with, and what its stream is called here. */
interface Opener {
  readonly secret: string;
  readonly path: string;
}

interface SessionRoute {
  readonly Params: { readonly path: string; readonly resource: string };
  readonly Body: string;
}

const MEDIA_TOKEN = /^Bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;
const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const RETRY_SECONDS = 1;
/** An mDNS candidate (draft-ietf-mmusic-mdns-ice-candidates). */
const HIDDEN_ADDRESS = / [0-9a-f-]{36}\.local /gi;

export async function whepRoutes(app: FastifyInstance, options: WhepRoutesOptions): Promise<void> {
  const { endpoint } = options;
  /** What each session was opened with: who comes back with it is the same, and no new view begins. */
  const openers = new WeakMap<WhepSession, Opener>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { path: string }; Body: string }>('/whep/:path', async (request, reply) => {
    requireType(request, SDP);
    const answer = await admit(request, options.admission, request.params.path);
    if (answer.kind === 'elsewhere') return reply.redirect(answer.url, 307);
    const { claims, path } = answer;
    const hub = options.lookup(path);
    if (hub === undefined) throw new VedetteError('not_running', { retryAfterSeconds: RETRY_SECONDS });
    options.admit(path, claims);
    const viewerOf = (session: WhepSession): WhepViewer => {
      viewer ??= { session, claims, path, clientAddress: clientAddress(request) };
      return viewer;
    };
    let viewer: WhepViewer | undefined;
    const { answerSdp, session } = await endpoint.open({
      sessionId: claims.sid,
      offerSdp: nameHiddenAddresses(request.body, clientAddress(request)),
      hub,
      onOpen: (opened) => options.onOpen(viewerOf(opened)),
      onClosed: (closed, reason) => options.onLeave(viewerOf(closed), reason),
    });
    options.onJoin(viewerOf(session));
    openers.set(session, { secret: secretOf(request), path });
    reply.headers({
      location: `${request.url.split('?')[0]}/${session.id}`,
      etag: session.etag,
      'accept-patch': FRAGMENT,
    });
    const link = linkHeader(options.iceServers(claims));
    if (link !== undefined) reply.header('link', link);
    return reply.code(201).type(SDP).send(answerSdp);
  });

  app.patch<SessionRoute>('/whep/:path/:resource', async (request, reply) => {
    requireType(request, FRAGMENT);
    const session = await own(request, options, openers);
    requireMatch(request, session.etag);
    // Another user fragment is an ICE restart, which the library cannot do: the browser offers anew.
    const fragment = nameHiddenAddresses(request.body, clientAddress(request));
    const ufrag = /^a=ice-ufrag:(.*?)\r?$/m.exec(fragment)?.[1];
    if (ufrag !== undefined && ufrag !== session.remoteUfrag) throw new VedetteError('ice_restart_refused');
    for (const [, candidate] of fragment.matchAll(/^a=(candidate:.*?)\r?$/gm)) {
      if (candidate !== undefined) session.addCandidate(candidate);
    }
    return reply.code(204).send();
  });

  app.delete<SessionRoute>('/whep/:path/:resource', async (request, reply) => {
    const session = await own(request, options, openers);
    session.close('viewer_left');
    return reply.code(200).send();
  });
}

/**
 * Browsers hide their addresses behind names that only their own network can look up. Where nothing translates
 * addresses in between, the one that the request came from is meant; where something does, a check that goes
 * nowhere costs nothing and the browser's own checks tell the rest.
 */
function nameHiddenAddresses(offerSdp: string, address: string): string {
  if (address === '') return offerSdp;
  return offerSdp.replaceAll(HIDDEN_ADDRESS, ` ${address.replace(/^::ffff:/i, '')} `);
}

/** The session of this URL, if the caller is the one whose view it is. */
async function own(
  request: FastifyRequest<SessionRoute>,
  { admission, endpoint }: WhepRoutesOptions,
  openers: WeakMap<WhepSession, Opener>,
): Promise<WhepSession> {
  const session = endpoint.session(request.params.resource);
  const opener = session && openers.get(session);
  const secret = secretOf(request);
  if (secret === '') throw new VedetteError('unauthenticated');
  if (session !== undefined && opener?.secret === secret) return session;
  // Otherwise a renewed token of the same view; a name and a password would begin another one.
  const isToken = MEDIA_TOKEN.test(secret);
  const answer = opener === undefined || !isToken ? undefined : await admit(request, admission, opener.path);
  if (session === undefined || answer?.kind !== 'granted' || session.sessionId !== answer.claims.sid)
    throw new VedetteError('session_not_found');
  return session;
}

function admit(request: FastifyRequest, admission: AdmissionPort, path: string): Promise<AdmissionAnswer> {
  return admission.admit({
    path,
    protocol: 'webrtc',
    credentials: requestCredentials(request),
    clientAddress: clientAddress(request),
  });
}

function secretOf(request: FastifyRequest): string {
  return request.headers.authorization ?? '';
}

/** RFC 9110 section 13.1.1; an answer to a fragment that is meant for an older state would mix two. */
function requireMatch(request: FastifyRequest, etag: string): void {
  const given = request.headers['if-match'];
  if (given === undefined) throw new VedetteError('precondition_required');
  const tags = given.split(',').map((tag) => tag.trim());
  if (!tags.includes('*') && !tags.includes(etag)) throw new VedetteError('precondition_failed');
}

function requireType(request: FastifyRequest, type: string): void {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== type)
    throw new VedetteError('unsupported_media_type', { detail: `The body must be ${type}.` });
}
