import { type TenantId, UserChange, UserId, UserInput, UserView } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createOnce, IdempotencyHeaders } from '../http/create-once.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import type { AccountService } from './account-service.ts';
import { requireOwnRights } from './hand-out.ts';
import { authorize } from './permission.ts';
import { type Principal, principalOf } from './principal.ts';
import type { User, UserStore } from './user-store.ts';

const params = z.object({ id: UserId });
const config = { access: 'user.manage' } as const;

/** Users, for administrators. */
export function userRoutes(options: {
  readonly users: Pick<UserStore, 'list' | 'get'>;
  readonly accounts: Pick<AccountService, 'create' | 'change' | 'remove'>;
  readonly tenants: { has(id: TenantId): Promise<boolean> };
  readonly idempotency: IdempotencyStore;
}): FastifyPluginAsyncZod {
  const { users, accounts, idempotency: store, tenants } = options;
  return async (app) => {
    app.get(
      '/users',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'List users',
          querystring: PageQuery,
          response: { 200: pageOf(UserView) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = cursor === undefined ? undefined : decodeCursor(cursor, 1)[0];
        const { tenantId } = principalOf(request);
        const found = await users.list({ tenantId, limit: limit + 1, after });
        const page = cutPage(found, limit, (user) => [user.nameKey]);
        return { items: page.items.map(viewOf), nextCursor: page.nextCursor };
      },
    );
    app.post(
      '/users',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'Add a user',
          headers: IdempotencyHeaders,
          body: UserInput,
          response: { 201: UserView },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenantId = principal.tenantId } = request.body;
        if (tenantId !== principal.tenantId) await requireTenant(principal, tenantId, tenants);
        requireOwnRights(principal, { role: request.body.role, tenantId, expiresAtMs: null });
        const user = await createOnce(request, {
          store,
          kind: 'user',
          idOf: ({ id }) => id,
          async read(id) {
            const known = await users.get(id);
            return known?.tenantId === tenantId ? viewOf(known) : undefined;
          },
          async create() {
            const made = viewOf(await accounts.create(tenantId, request.body));
            request.audit({ kind: 'user-created', tenantId, data: { after: made } });
            return made;
          },
        });
        return reply.code(201).send(user);
      },
    );
    app.get(
      '/users/:id',
      { config, schema: { tags: ['access'], summary: 'Read a user', params, response: { 200: UserView } } },
      async (request) => {
        const user = await users.get(request.params.id);
        if (user?.tenantId !== principalOf(request).tenantId) throw new VedetteError('not_found');
        return viewOf(user);
      },
    );
    app.patch(
      '/users/:id',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'Change a user',
          params,
          body: UserChange,
          response: { 200: UserView },
        },
      },
      async (request) => {
        const before = await users.get(request.params.id);
        const principal = principalOf(request);
        const { tenantId } = principal;
        // Whoever may change an account could sign in as it.
        if (before?.tenantId === tenantId)
          requireOwnRights(principal, { role: before.role, tenantId, expiresAtMs: null });
        if (request.body.role !== undefined)
          requireOwnRights(principal, { role: request.body.role, tenantId, expiresAtMs: null });
        const after = viewOf(await accounts.change(tenantId, request.params.id, request.body));
        const password = request.body.password === undefined ? {} : { password: 'changed' };
        request.audit({
          kind: 'user-changed',
          data: { before: before && viewOf(before), after, ...password },
        });
        return after;
      },
    );
    app.delete(
      '/users/:id',
      { config, schema: { tags: ['access'], summary: 'Delete a user', params, response: { 204: z.void() } } },
      async (request, reply) => {
        const before = await users.get(request.params.id);
        await accounts.remove(principalOf(request).tenantId, request.params);
        request.audit({ kind: 'user-deleted', data: { before: before && viewOf(before) } });
        return reply.code(204).send();
      },
    );
  };
}

async function requireTenant(
  principal: Principal,
  tenantId: TenantId,
  tenants: { has(id: TenantId): Promise<boolean> },
): Promise<void> {
  const decision = authorize(principal, 'tenant.manage');
  if (!decision.allowed) throw new VedetteError(decision.code);
  if (!(await tenants.has(tenantId))) throw invalidFields({ path: 'tenantId', message: 'is no tenant' });
}

function viewOf(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    grants: user.grants,
    isExternal: user.externalId !== null,
    disabled: user.disabled,
    createdAt: user.createdAt.toISOString(),
  };
}
