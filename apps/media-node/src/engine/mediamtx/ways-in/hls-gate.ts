// Enters: HLS requests below /hls. Leaves: MediaMTX's playlists and media, under addresses that carry the capability.
// Its playlists name everything beside themselves, so that they pass as they are.
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdmissionPort } from '../../../auth/admission-port.ts';
import type { TokenVerifier } from '../../../auth/token-verifier.ts';
import { hlsStableRoute } from '../../../egress/hls/hls-stable-route.ts';
import { clientAddress } from '../../../http/client-address.ts';
import type { HlsPlayer } from '../hls-views.ts';
import type { MediaMtxEngine } from '../mediamtx-engine.ts';
import { askUpstream, goneSignal, textOf, type Upstream } from './ask-upstream.ts';

export interface HlsGateOptions {
  readonly engine: MediaMtxEngine;
  readonly verifier: TokenVerifier;
  readonly admission: AdmissionPort;
  /** MediaMTX's HLS listener, `http://host:port`. */
  readonly upstream: string;
}

interface FileRoute {
  readonly Params: { readonly capability: string; readonly path: string; readonly file: string };
}

const INDEX = 'index.m3u8';
const FILE = /^[\w-]{1,200}\.(m3u8|mp4|mp|ts)$/;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
/** MediaMTX waits 7 s for a camera, then two parts or segments for a first playlist. */
const ANSWER_WITHIN_MS = 20_000;
const MAX_HELD = 8;

export async function hlsGate(app: FastifyInstance, options: HlsGateOptions): Promise<void> {
  const { engine, verifier } = options;
  await hlsStableRoute(app, options.admission);

  app.get<FileRoute>('/hls/:capability/:path/:file', async (request, reply) => {
    const { capability, file, path } = request.params;
    reply.header('cache-control', 'no-store');
    const claims = await verifier.verify(capability, { path, protocol: 'hls' });
    if (!FILE.test(file)) throw new VedetteError('not_found');
    using _knocking = await engine.admit(path, claims, 'hls');
    const player = engine.hls.player(claims, path, clientAddress(request));
    if (player.held >= MAX_HELD) throw new VedetteError('rate_limited', { retryAfterSeconds: 1 });
    player.held += 1;
    try {
      const answer = await ask(request, options, player, goneSignal(reply));
      return await (file.endsWith('.m3u8')
        ? sendPlaylist(reply, answer, player)
        : sendMedia(reply, answer, player));
    } finally {
      player.held -= 1;
    }
  });

  app.delete<{ Params: { capability: string; path: string } }>(
    '/hls/:capability/:path',
    async (request, reply) => {
      const { capability, path } = request.params;
      const claims = await verifier.verify(capability, { path, protocol: 'hls' });
      engine.hls.leave(claims.sid);
      return reply.code(204).send();
    },
  );
}

/** From 1.19 on MediaMTX wants a session, which its first playlist begins; a player may come when it has ended again. */
async function ask(
  request: FastifyRequest<FileRoute>,
  options: HlsGateOptions,
  player: HlsPlayer,
  gone: AbortSignal,
): Promise<Upstream> {
  const { file } = request.params;
  const query = request.url.split('?')[1];
  if (file === INDEX) return begin(request, options, player, gone);
  const again = () => get(request, options, player, gone, file, query);
  const answer = await again();
  if (answer.status !== 401) return answer;
  answer.body.resume();
  const begun = await begin(request, options, player, gone);
  begun.body.resume();
  return again();
}

/** MediaMTX looks whether a player keeps cookies before it gives it a session that needs one. */
async function begin(
  request: FastifyRequest<FileRoute>,
  options: HlsGateOptions,
  player: HlsPlayer,
  gone: AbortSignal,
): Promise<Upstream> {
  player.cookie = 'cookieCheck=1';
  const answer = await get(request, options, player, gone, INDEX, 'cookieCheck=1');
  const given = (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '');
  player.cookie = [...new Set([...given, 'cookieCheck=1'])].join('; ');
  return answer;
}

function get(
  request: FastifyRequest<FileRoute>,
  { upstream }: HlsGateOptions,
  player: HlsPlayer,
  gone: AbortSignal,
  file: string,
  query: string | undefined,
): Promise<Upstream> {
  return askUpstream({
    url: `${upstream}/${player.path}/${file}${query === undefined ? '' : `?${query}`}`,
    method: 'GET',
    headers: {
      authorization: `Bearer ${request.params.capability}`,
      ...(player.cookie === undefined ? {} : { cookie: player.cookie }),
    },
    signal: AbortSignal.any([gone, player.ended, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
  });
}

async function sendPlaylist(reply: FastifyReply, answer: Upstream, player: HlsPlayer): Promise<FastifyReply> {
  const text = await textOf(answer);
  if (answer.status !== 200) throw refusal(answer.status);
  const target = /^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1];
  if (target !== undefined) player.targetDurationMs = Number(target) * 1000;
  player.bytesSent += Buffer.byteLength(text);
  return reply.headers({ 'content-type': PLAYLIST_TYPE, 'cache-control': 'private, no-cache' }).send(text);
}

async function sendMedia(reply: FastifyReply, answer: Upstream, player: HlsPlayer): Promise<FastifyReply> {
  if (answer.status !== 200) {
    answer.body.resume();
    throw refusal(answer.status);
  }
  answer.body.on('data', (chunk: Buffer) => {
    player.bytesSent += chunk.length;
  });
  const { 'content-length': length, 'content-type': type = 'video/mp4' } = answer.headers;
  if (length !== undefined) reply.header('content-length', length);
  return reply.type(type).send(answer.body);
}

function refusal(status: number): VedetteError {
  if (status === 401) return new VedetteError('session_not_found');
  // MediaMTX says 404 of what is not there and 500 of a camera that does not come.
  return status === 404
    ? new VedetteError('not_found')
    : new VedetteError('camera_offline', { retryAfterSeconds: 2 });
}
