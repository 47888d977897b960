// Enters: HTTP requests below /hls. Leaves: playlists, media, problems.
// Not its job: CORS, request logging, TLS: those belong to the server that this is registered with.
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdmissionPort } from '../../auth/admission-port.ts';
import { clientAddress } from '../../http/client-address.ts';
import { AAC_PLAYLIST, type HlsCaller, type HlsEgress, type HlsMedia, MEDIA_PLAYLIST } from './hls-egress.ts';
import { hlsStableRoute } from './hls-stable-route.ts';
import type { PlaylistPosition } from './playlist-position.ts';

export interface HlsRoutesOptions {
  readonly egress: HlsEgress;
  /** For the stable addresses; without it there are none. */
  readonly admission?: AdmissionPort | undefined;
}

interface PlaylistRoute {
  readonly Params: { readonly capability: string; readonly path: string };
  readonly Querystring: {
    readonly _HLS_msn?: unknown;
    readonly _HLS_part?: unknown;
    readonly _HLS_skip?: unknown;
  };
}

interface MediaRoute {
  readonly Params: { readonly path: string; readonly run: string; readonly name: string };
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const PLAYLIST_HEADERS = {
  'content-type': PLAYLIST_TYPE,
  'cache-control': 'private, no-cache',
  vary: 'accept-encoding',
};
const GZIP_HEADERS = { ...PLAYLIST_HEADERS, 'content-encoding': 'gzip' };
/** A name means the same bytes for ever and no one else can make it up, so any cache may hold it. */
const MEDIA_CACHING = 'public, max-age=3600, immutable';
const WHOLE_NUMBER = /^[0-9]{1,15}$/;

/** Mounts `/hls/…`; see docs/decisions/hls-addresses.md for the addresses. */
export async function hlsRoutes(app: FastifyInstance, options: HlsRoutesOptions): Promise<void> {
  const { egress, admission } = options;
  if (admission !== undefined) await hlsStableRoute(app, admission);

  app.get<PlaylistRoute>('/hls/:capability/:path/index.m3u8', async (request, reply) => {
    const text = await egress.multivariant(callerOf(request));
    return reply.headers(PLAYLIST_HEADERS).send(text);
  });

  const mediaPlaylist =
    (inAac: boolean) => async (request: FastifyRequest<PlaylistRoute>, reply: FastifyReply) => {
      const position = positionOf(request.query);
      const delta = request.query._HLS_skip !== undefined;
      const { playlist, viewer } = await egress.playlist(
        { ...callerOf(request), inAac },
        { position, delta },
      );
      const gzip = request.headers['accept-encoding']?.includes('gzip') === true;
      const body = gzip ? playlist.gzip : playlist.plain;
      viewer.sent(body.byteLength);
      return reply.headers(gzip ? GZIP_HEADERS : PLAYLIST_HEADERS).send(body);
    };
  app.get<PlaylistRoute>(`/hls/:capability/:path/${MEDIA_PLAYLIST}`, mediaPlaylist(false));
  app.get<PlaylistRoute>(`/hls/:capability/:path/${AAC_PLAYLIST}`, mediaPlaylist(true));

  app.delete<PlaylistRoute>('/hls/:capability/:path', async (request, reply) => {
    await egress.leave(callerOf(request));
    return reply.code(204).send();
  });

  app.get<MediaRoute>('/hls/-/:path/:run/:name', (request, reply) => {
    const { path, run, name } = request.params;
    // Of a refusal alone: what is not there yet may be there in a moment.
    reply.header('cache-control', 'no-store');
    const media = egress.media(path, run, name);
    if (media === undefined) throw new VedetteError('not_found');
    return media.data instanceof Promise
      ? sendLater(media.data, media.type, reply)
      : reply.headers(mediaHeaders(media.type)).send(media.data);
  });
}

async function sendLater(
  media: Promise<Buffer>,
  type: HlsMedia['type'],
  reply: FastifyReply,
): Promise<FastifyReply> {
  const data = await media;
  return reply.headers(mediaHeaders(type)).send(data);
}

function mediaHeaders(type: HlsMedia['type']) {
  return { 'content-type': type, 'cache-control': MEDIA_CACHING };
}

function callerOf(request: FastifyRequest<PlaylistRoute>): HlsCaller {
  const { capability, path } = request.params;
  return { capability, path, clientAddress: clientAddress(request) };
}

/** Delivery directives, draft-pantos-hls-rfc8216bis section 6.2.5. */
function positionOf(query: PlaylistRoute['Querystring']): PlaylistPosition | undefined {
  const sequence = directive(query, '_HLS_msn');
  const part = directive(query, '_HLS_part');
  if (sequence === undefined) {
    if (part === undefined) return undefined;
    throw refused('_HLS_part', 'is only allowed together with _HLS_msn');
  }
  return { sequence, part };
}

function directive(query: PlaylistRoute['Querystring'], name: '_HLS_msn' | '_HLS_part'): number | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !WHOLE_NUMBER.test(value))
    throw refused(name, 'must be a whole number, once');
  return Number(value);
}

function refused(path: string, message: string): VedetteError {
  return new VedetteError('invalid_request', { fields: [{ path, message }] });
}
