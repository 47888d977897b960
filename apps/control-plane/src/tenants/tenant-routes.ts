import { TenantChange, TenantId, TenantInput, TenantView } from '@vedette/contracts';
import { newId, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createOnce, IdempotencyHeaders } from '../http/create-once.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import { pageOf } from '../http/page.ts';
import type { Tenant, TenantFacts, TenantStore } from './tenant-store.ts';

const params = z.object({ id: TenantId });
const config = { access: 'tenant.manage' } as const;
const tags = ['tenants'];

/** Organisations, for who runs the platform. */
export function tenantRoutes({
  idempotency: store,
  tenants,
}: {
  readonly idempotency: IdempotencyStore;
  readonly tenants: TenantStore;
}): FastifyPluginAsyncZod {
  const facts = async ({ id }: Tenant): Promise<TenantView> => {
    const found = (await tenants.list()).find((tenant) => tenant.id === id);
    if (found === undefined) throw new VedetteError('not_found');
    return viewOf(found);
  };
  return async (app) => {
    app.get(
      '/tenants',
      { config, schema: { tags, summary: 'List tenants', response: { 200: pageOf(TenantView) } } },
      async () => ({ items: (await tenants.list()).map(viewOf), nextCursor: null }),
    );
    app.post(
      '/tenants',
      {
        config,
        schema: {
          tags,
          summary: 'Add a tenant',
          headers: IdempotencyHeaders,
          body: TenantInput,
          response: { 201: TenantView },
        },
      },
      async (request, reply) => {
        const { id = TenantId.parse(newId()), name } = request.body;
        const made = await createOnce(request, {
          store,
          kind: 'tenant',
          idOf: (tenant) => tenant.id,
          read: async (known) => tenants.get(TenantId.parse(known)),
          async create() {
            const after = await tenants.create({ id, name });
            request.audit({ kind: 'tenant-created', data: { after: { id, name } } });
            return after;
          },
        });
        return reply.code(201).send(await facts(made));
      },
    );
    app.patch(
      '/tenants/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Rename a tenant',
          params,
          body: TenantChange,
          response: { 200: TenantView },
        },
      },
      async (request) => {
        const { id } = request.params;
        const before = await tenants.get(id);
        const after = await tenants.rename(id, request.body.name);
        if (before === undefined || after === undefined) throw new VedetteError('not_found');
        request.audit({
          kind: 'tenant-changed',
          data: { id, before: { name: before.name }, after: { name: after.name } },
        });
        return facts(after);
      },
    );
    app.delete(
      '/tenants/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Delete a tenant that has no cameras, sites and users any more',
          params,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        if (!(await tenants.remove(id))) throw new VedetteError('not_found');
        request.audit({ kind: 'tenant-deleted', data: { id } });
        return reply.code(204).send();
      },
    );
  };
}

function viewOf({ createdAt, ...tenant }: TenantFacts): TenantView {
  return { ...tenant, createdAt: createdAt.toISOString() };
}
