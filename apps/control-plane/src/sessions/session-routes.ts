import {
  CameraId,
  NodeId,
  RenewAnswer,
  RenewRequest,
  SessionId,
  SessionView,
  UserId,
} from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import type { SessionService } from './session-service.ts';

const params = z.object({ id: SessionId });
const tags = ['sessions'];

/** Who watches what, under /api/v1. */
export function sessionRoutes(options: {
  readonly sessions: Pick<SessionService, 'list' | 'renew' | 'end'>;
}): FastifyPluginAsyncZod {
  const { sessions } = options;
  return async (app) => {
    app.get(
      '/sessions',
      {
        config: { access: 'session.read' },
        schema: {
          tags,
          summary: 'List who watches what, oldest first',
          querystring: PageQuery.extend({
            cameraId: CameraId.optional(),
            userId: UserId.optional(),
            node: NodeId.optional(),
          }),
          response: { 200: pageOf(SessionView) },
        },
      },
      async (request) => {
        const { cameraId, cursor, limit, node, userId } = request.query;
        const found = await sessions.list(principalOf(request), {
          ...(cameraId === undefined ? {} : { cameraId }),
          ...(userId === undefined ? {} : { userId }),
          ...(node === undefined ? {} : { nodeId: node }),
          after: cursor === undefined ? 0 : z.coerce.number().catch(0).parse(decodeCursor(cursor, 1)[0]),
          limit: limit + 1,
        });
        const page = cutPage(found, limit, (view) => [String(view.order)]);
        return { items: [...page.items], nextCursor: page.nextCursor };
      },
    );
    app.post(
      '/sessions/:id/renew',
      {
        config: { access: 'view.watch' },
        schema: {
          tags,
          summary: 'Fresh tokens for your view; at half their life',
          params,
          body: RenewRequest.nullish(),
          response: { 200: RenewAnswer },
        },
      },
      async (request) =>
        sessions.renew(principalOf(request), request.params.id, request.body?.onScreenSeconds),
    );
    app.delete(
      '/sessions/:id',
      {
        config: { access: 'view.end-any' },
        schema: { tags, summary: 'End a view of anybody', params, response: { 204: z.void() } },
      },
      async (request, reply) => {
        const { cameraId, sessionId, userId } = await sessions.end(
          principalOf(request),
          request.params.id,
          request.id,
        );
        request.audit({ kind: 'view-revoked', cameraId, sessionId, data: { userId } });
        return reply.code(204).send();
      },
    );
  };
}
