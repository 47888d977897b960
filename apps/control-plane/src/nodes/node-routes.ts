import { NodeView } from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import type { KnownNode, NodeDirectory } from './node-directory.ts';

/** The media nodes, under /api/v1. */
export function nodeRoutes(options: {
  readonly directory: Pick<NodeDirectory, 'list'>;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/nodes',
      {
        config: { access: 'node.read' },
        schema: {
          tags: ['nodes'],
          summary: 'List media nodes',
          querystring: PageQuery,
          response: { 200: pageOf(NodeView) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '');
        const found = options.directory
          .list()
          .map(viewOf)
          .filter(({ id }) => id > after)
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const page = cutPage(found, limit, (node) => [node.id]);
        return { items: [...page.items], nextCursor: page.nextCursor };
      },
    );
  };
}

function viewOf({ connectedAtMs, hello, lastReportAtMs, report, state }: KnownNode): NodeView {
  return {
    id: hello.nodeId,
    state,
    publicUrl: hello.publicUrl,
    version: hello.version,
    labels: hello.labels,
    connectedAt: state === 'connected' ? new Date(connectedAtMs).toISOString() : null,
    lastReportAt: lastReportAtMs === undefined ? null : new Date(lastReportAtMs).toISOString(),
    streams: report?.streams.length ?? 0,
    load: report?.load ?? null,
  };
}
