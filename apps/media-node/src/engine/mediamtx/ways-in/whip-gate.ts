// Enters: WHIP requests below /whip (RFC 9725). Leaves: MediaMTX's answers. MediaMTX asks us whether the encoder may.
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MediaMtxEngine } from '../mediamtx-engine.ts';
import { askUpstream, textOf } from './ask-upstream.ts';
import { whepRefusal } from './whep-refusal.ts';

export interface WhipGateOptions {
  readonly engine: Pick<MediaMtxEngine, 'desired'>;
  /** MediaMTX's WebRTC listener, `http://host:port`. */
  readonly upstream: string;
}

interface SessionRoute {
  readonly Params: { readonly path: string; readonly resource: string };
  readonly Body: string;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const ANSWER_WITHIN_MS = 9000;
const RESOURCE = /^[0-9a-f-]{36}$/;

export async function whipGate(app: FastifyInstance, { engine, upstream }: WhipGateOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([SDP, FRAGMENT], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { path: string }; Body: string }>('/whip/:path', async (request, reply) => {
    const { path } = request.params;
    const { authorization } = request.headers;
    // Nobody learns which paths there are by asking without the right password.
    if (authorization === undefined || engine.desired(path)?.source.kind !== 'publish')
      throw new VedetteError('unauthenticated');
    const answer = await pass(request, `${upstream}/${path}/whip`, 'POST');
    const text = await textOf(answer);
    if (answer.status !== 201) throw whepRefusal(answer.status, text);
    const resource = answer.headers.location?.split('?')[0]?.split('/').at(-1) ?? '';
    return reply
      .code(201)
      .headers({ location: `${request.url.split('?')[0]}/${resource}`, etag: '"1"' })
      .type(SDP)
      .send(text);
  });

  // The address of a session is a secret of its own.
  for (const method of ['PATCH', 'DELETE'] as const) {
    app.route<SessionRoute>({
      method,
      url: '/whip/:path/:resource',
      handler: async (request, reply) => {
        const { path, resource } = request.params;
        if (engine.desired(path) === undefined || !RESOURCE.test(resource))
          throw new VedetteError('session_not_found');
        const answer = await pass(request, `${upstream}/${path}/whip/${resource}`, method);
        const text = await textOf(answer);
        if (answer.status >= 400) throw new VedetteError('session_not_found');
        return answer.status === 200 && method === 'PATCH'
          ? reply.code(200).type(FRAGMENT).send(text)
          : reply.code(method === 'PATCH' ? 204 : 200).send();
      },
    });
  }
}

function pass(request: FastifyRequest, url: string, method: 'POST' | 'PATCH' | 'DELETE') {
  const { authorization } = request.headers;
  return askUpstream({
    url,
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(method === 'DELETE' ? {} : { 'content-type': method === 'POST' ? SDP : FRAGMENT }),
    },
    ...(typeof request.body === 'string' ? { body: request.body } : {}),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
}
