import {
  CameraId,
  EndpointAnswer,
  Protocol,
  StartAnswer,
  StartRequest,
  StopRequest,
  StreamView,
} from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { IdempotencyHeaders } from '../http/create-once.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import type { StreamService } from './stream-service.ts';

const params = z.object({ cameraId: CameraId });
const tags = ['streams'];

/** Start, stop and where it runs, under /api/v1. */
export function streamRoutes(options: {
  readonly streams: Pick<StreamService, 'start' | 'stop' | 'stopAll' | 'endpoint' | 'list'>;
}): FastifyPluginAsyncZod {
  const { streams } = options;
  return async (app) => {
    app.post(
      '/streams/:cameraId/start',
      {
        config: { access: 'view.watch' },
        schema: {
          tags,
          summary: 'Start watching a camera; an Idempotency-Key repeats the same view',
          params,
          headers: IdempotencyHeaders,
          querystring: z.strictObject({ protocol: Protocol.optional() }),
          body: StartRequest.nullish(),
          response: { 201: StartAnswer },
        },
      },
      async (request, reply) => {
        const answer = await streams.start({
          principal: principalOf(request),
          cameraId: request.params.cameraId,
          protocol: request.query.protocol,
          request: request.body ?? {},
          idempotencyKey: request.headers['idempotency-key'],
          requestId: request.id,
          clientAddress: request.clientAddress,
        });
        return reply.code(201).send(answer);
      },
    );
    app.post(
      '/streams/:cameraId/stop',
      {
        config: { access: 'view.watch' },
        schema: {
          tags,
          summary: 'End a view; without sessionId an administrator ends all views of the camera',
          params,
          body: StopRequest.nullish(),
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { cameraId } = request.params;
        const sessionId = request.body?.sessionId;
        if (sessionId === undefined) {
          const views = await streams.stopAll(principal, cameraId, request.id);
          request.audit({ kind: 'view-revoked', cameraId, data: { views } });
          return reply.code(204).send();
        }
        const seconds = request.body?.onScreenSeconds;
        const foreign = await streams.stop(principal, cameraId, sessionId, request.id, seconds);
        if (foreign !== undefined)
          request.audit({ kind: 'view-revoked', cameraId, sessionId, data: { userId: foreign.userId } });
        return reply.code(204).send();
      },
    );
    app.get(
      '/streams/:cameraId/endpoint',
      {
        config: { access: 'view.watch' },
        schema: {
          tags,
          summary: 'Where your view, or else the camera, runs; creates nothing',
          params,
          response: { 200: EndpointAnswer },
        },
      },
      async (request) => streams.endpoint(principalOf(request), request.params.cameraId),
    );
    app.get(
      '/streams',
      {
        config: { access: 'stream.read' },
        schema: {
          tags,
          summary: 'List what runs',
          querystring: PageQuery,
          response: { 200: pageOf(StreamView) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '');
        const found = await streams.list(principalOf(request), after, limit + 1);
        const page = cutPage(found, limit, (stream) => [stream.path]);
        return { items: [...page.items], nextCursor: page.nextCursor };
      },
    );
  };
}
