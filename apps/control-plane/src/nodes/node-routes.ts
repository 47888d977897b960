import { NodeId, NodeView, Rehearsal } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import type { LossRehearsal } from './loss-rehearsal.ts';
import type { KnownNode, NodeDirectory } from './node-directory.ts';

const ANSWERS_WITHIN_MS = 3000;

/** The media nodes, under /api/v1. */
export function nodeRoutes(options: {
  readonly directory: Pick<NodeDirectory, 'get' | 'list' | 'tell'>;
  readonly rehearsal: Pick<LossRehearsal, 'rehearse'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
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
    app.get(
      '/nodes/:id/rehearsal',
      {
        config: { access: 'node.read' },
        schema: {
          tags: ['nodes'],
          summary: 'What would become of the streams and viewers of a node that died now',
          params: z.object({ id: NodeId }),
          response: { 200: Rehearsal },
        },
      },
      async (request) => options.rehearsal.rehearse(request.params.id),
    );
    app.put(
      '/nodes/:id/drain',
      {
        config: { access: 'node.manage' },
        schema: {
          tags: ['nodes'],
          summary: 'Move everything off a node before it is stopped; its viewers see no gap',
          params: z.object({ id: NodeId }),
          response: { 200: NodeView },
        },
      },
      async (request) => {
        const { id } = request.params;
        const node = await drain(options, id, true);
        request.audit({ kind: 'node-drain-begun', data: { node: id } });
        return node;
      },
    );
    app.delete(
      '/nodes/:id/drain',
      {
        config: { access: 'node.manage' },
        schema: {
          tags: ['nodes'],
          summary: 'Let a node take new streams again',
          params: z.object({ id: NodeId }),
          response: { 200: NodeView },
        },
      },
      async (request) => {
        const { id } = request.params;
        const node = await drain(options, id, false);
        request.audit({ kind: 'node-drain-ended', data: { node: id } });
        return node;
      },
    );
  };
}

/** Throws VedetteError `not_found`, or `unavailable` when the node does not answer. */
async function drain(
  { clock, directory }: Parameters<typeof nodeRoutes>[0],
  nodeId: NodeId,
  on: boolean,
): Promise<NodeView> {
  const until = clock.now() + ANSWERS_WITHIN_MS;
  if (directory.get(nodeId) === undefined) throw new VedetteError('not_found');
  const told = directory.tell(nodeId, { type: 'drain', on });
  for (;;) {
    const node = directory.get(nodeId);
    if (node?.report?.draining === on) return viewOf(node);
    if (!told || clock.now() >= until) {
      throw new VedetteError('unavailable', {
        detail: `Node ${nodeId} does not answer.`,
        retryAfterSeconds: 2,
      });
    }
    await clock.sleep(20);
  }
}

function viewOf({ connectedAtMs, hello, lastReportAtMs, report, state }: KnownNode): NodeView {
  return {
    id: hello.nodeId,
    state,
    publicUrl: hello.publicUrl,
    version: hello.version,
    labels: hello.labels,
    draining: report?.draining ?? false,
    connectedAt: state === 'connected' ? new Date(connectedAtMs).toISOString() : null,
    lastReportAt: lastReportAtMs === undefined ? null : new Date(lastReportAtMs).toISOString(),
    streams: report?.streams.length ?? 0,
    load: report?.load ?? null,
  };
}
