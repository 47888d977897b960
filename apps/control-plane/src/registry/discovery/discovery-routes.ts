import { Discovery, DiscoveryPlaces, DiscoveryRequest } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../../access/principal.ts';
import type { DiscoveryService } from './discovery-service.ts';

const config = { access: 'camera.discover' } as const;
const tags = ['cameras'];
const params = z.object({ id: z.string().max(40) });

/** Searches for devices, under /api/v1. */
export function discoveryRoutes(options: {
  readonly discoveries: Pick<DiscoveryService, 'places' | 'begin' | 'get' | 'cancel'>;
}): FastifyPluginAsyncZod {
  const { discoveries } = options;
  return async (app) => {
    app.get(
      '/discoveries/places',
      {
        config,
        schema: { tags, summary: 'Where devices can be looked for', response: { 200: DiscoveryPlaces } },
      },
      async () => discoveries.places(),
    );
    app.post(
      '/discoveries',
      {
        config,
        schema: {
          tags,
          summary: 'Begin to look for devices on networks and in ranges of addresses',
          body: DiscoveryRequest,
          response: { 202: Discovery },
        },
      },
      async (request, reply) => {
        const begun = await discoveries.begin(principalOf(request).tenantId, request.body);
        request.audit({ kind: 'discovery-begun', data: { id: begun.id, ...request.body } });
        return reply.code(202).send(begun);
      },
    );
    app.get(
      '/discoveries/:id',
      {
        config,
        schema: {
          tags,
          summary: 'How far a search is, and what it found',
          params,
          response: { 200: Discovery },
        },
      },
      async (request) => {
        const found = discoveries.get(principalOf(request).tenantId, request.params.id);
        if (found === undefined) throw new VedetteError('not_found');
        return found;
      },
    );
    app.delete(
      '/discoveries/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Call a search off; what it found stays',
          params,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        if (!discoveries.cancel(principalOf(request).tenantId, request.params.id))
          throw new VedetteError('not_found');
        return reply.code(204).send();
      },
    );
  };
}
