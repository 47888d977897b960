import { UserChange, UserId, UserInput, UserView } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import type { AccountService } from './account-service.ts';
import type { User, UserStore } from './user-store.ts';

const params = z.object({ id: UserId });
const config = { access: 'user.manage' } as const;

/** Users, for administrators. */
export function userRoutes(options: {
  readonly users: Pick<UserStore, 'list' | 'get'>;
  readonly accounts: Pick<AccountService, 'create' | 'change' | 'remove'>;
}): FastifyPluginAsyncZod {
  const { users, accounts } = options;
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
        const found = await users.list({ limit: limit + 1, after });
        const page = cutPage(found, limit, (user) => [user.nameKey]);
        return { items: page.items.map(viewOf), nextCursor: page.nextCursor };
      },
    );
    app.post(
      '/users',
      {
        config,
        schema: { tags: ['access'], summary: 'Add a user', body: UserInput, response: { 201: UserView } },
      },
      async (request, reply) => {
        const user = viewOf(await accounts.create(request.body));
        request.audit({ kind: 'user-created', data: { after: user } });
        return reply.code(201).send(user);
      },
    );
    app.get(
      '/users/:id',
      { config, schema: { tags: ['access'], summary: 'Read a user', params, response: { 200: UserView } } },
      async (request) => {
        const user = await users.get(request.params.id);
        if (user === undefined) throw new VedetteError('not_found');
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
        const after = viewOf(await accounts.change(request.params.id, request.body));
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
        await accounts.remove(request.params);
        request.audit({ kind: 'user-deleted', data: { before: before && viewOf(before) } });
        return reply.code(204).send();
      },
    );
  };
}

function viewOf(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    disabled: user.disabled,
    createdAt: user.createdAt.toISOString(),
  };
}
