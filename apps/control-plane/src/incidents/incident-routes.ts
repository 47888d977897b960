import { AlarmAnswer, AlarmInput, IncidentInput, IncidentView } from '@vedette/contracts';
import { type Clock, newId, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { createOnce, IdempotencyHeaders } from '../http/create-once.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import { pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import type { IncidentBook } from './incident-book.ts';
import type { Incident, IncidentStore } from './incident-store.ts';
import type { WarmUp } from './warm-up.ts';

const config = { access: 'incident.manage' } as const;
const tags = ['incidents'];

/** Incidents and alarms, under /api/v1. */
export function incidentRoutes(options: {
  readonly store: IncidentStore;
  readonly idempotency: IdempotencyStore;
  readonly book: Pick<IncidentBook, 'look'>;
  readonly access: Pick<ViewAccess, 'mayView'>;
  readonly warmUp: Pick<WarmUp, 'camera'>;
  readonly clock: Pick<Clock, 'wallNow'>;
}): FastifyPluginAsyncZod {
  const { access, book, clock, idempotency, store, warmUp } = options;
  return async (app) => {
    app.get(
      '/incidents',
      {
        config,
        schema: { tags, summary: 'Incidents, newest first', response: { 200: pageOf(IncidentView) } },
      },
      async (request) => {
        const found = await store.list(principalOf(request).tenantId);
        return { items: found.map(viewOf), nextCursor: null };
      },
    );
    app.post(
      '/incidents',
      {
        config,
        schema: {
          tags,
          summary: 'Let views of these cameras take the place of less important ones for a while',
          headers: IdempotencyHeaders,
          body: IncidentInput,
          response: { 201: IncidentView },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { cameraIds, minutes, name } = request.body;
        for (const [index, id] of cameraIds.entries())
          if (!(await access.mayView(principal, id)))
            throw invalidFields({ path: `cameraIds.${index}`, message: 'there is no such camera' });
        const { tenantId } = principal;
        const begun = await createOnce<IncidentView>(request, {
          store: idempotency,
          kind: 'incident',
          idOf: ({ id }) => id,
          async read(id) {
            const known = (await store.list(tenantId)).find((incident) => incident.id === id);
            return known && viewOf(known);
          },
          async create() {
            const now = clock.wallNow();
            const incident: Incident = {
              id: newId(),
              tenantId,
              name,
              cameraIds: [...new Set(cameraIds)],
              begunBy: principal.name,
              begunAt: new Date(now),
              endsAt: new Date(now + minutes * 60_000),
              endedAt: null,
            };
            await store.add(incident);
            await book.look();
            request.audit({ kind: 'incident-begun', data: { after: viewOf(incident) } });
            return viewOf(incident);
          },
        });
        return reply.code(201).send(begun);
      },
    );
    app.delete(
      '/incidents/:id',
      {
        config,
        schema: {
          tags,
          summary: 'End an incident before its time; what had to give way comes back as there is room',
          params: z.object({ id: z.string().max(40) }),
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const ended = await store.end(tenantId, request.params.id, new Date(clock.wallNow()));
        if (ended === undefined) throw new VedetteError('not_found');
        await book.look();
        request.audit({ kind: 'incident-ended', data: { before: viewOf(ended) } });
        return reply.code(204).send();
      },
    );
    app.post(
      '/alarms',
      {
        config: { access: 'alarm.raise' },
        schema: {
          tags,
          summary: 'Pull cameras before anyone clicks: the picture is there when somebody looks',
          body: AlarmInput,
          response: { 200: AlarmAnswer },
        },
      },
      async (request) => {
        const principal = principalOf(request);
        const { cameraIds, seconds } = request.body;
        const cameras: AlarmAnswer['cameras'] = [];
        for (const id of new Set(cameraIds)) {
          const result = (await access.mayView(principal, id)) ? await warmUp.camera(id, seconds) : 'unknown';
          cameras.push({ id, result });
        }
        request.audit({ kind: 'alarm-raised', data: { cameras, seconds } });
        return { cameras };
      },
    );
  };
}

function viewOf({ begunAt, endedAt, endsAt, tenantId: _, ...incident }: Incident): IncidentView {
  return {
    ...incident,
    begunAt: begunAt.toISOString(),
    endsAt: endsAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
