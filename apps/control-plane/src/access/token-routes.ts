import { ALL_CAMERAS, ApiTokenCreated, ApiTokenInput, ApiTokenView, UserId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createOnce, IdempotencyHeaders } from '../http/create-once.ts';
import type { IdempotencyStore } from '../http/idempotency-store.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import type { AccountService } from './account-service.ts';
import type { ApiToken, ApiTokenStore } from './api-token-store.ts';
import { requireOwnRights } from './hand-out.ts';
import { PERMISSIONS } from './permission.ts';
import { principalOf } from './principal.ts';

const DAY_MS = 24 * 60 * 60_000;
const config = { access: 'token.manage' } as const;

/** Keys of programs, for administrators. */
export function tokenRoutes(options: {
  readonly apiTokens: Pick<ApiTokenStore, 'list' | 'create'>;
  readonly accounts: Pick<AccountService, 'removeToken'>;
  readonly idempotency: IdempotencyStore;
}): FastifyPluginAsyncZod {
  const { apiTokens, accounts, idempotency: store } = options;
  return async (app) => {
    app.get(
      '/tokens',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'List API tokens',
          querystring: PageQuery,
          response: { 200: pageOf(ApiTokenView) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = cursor === undefined ? undefined : decodeCursor(cursor, 1)[0];
        const { tenantId } = principalOf(request);
        const found = await apiTokens.list({ tenantId, limit: limit + 1, after });
        const page = cutPage(found, limit, (token) => [token.id]);
        return { items: page.items.map(viewOf), nextCursor: page.nextCursor };
      },
    );
    app.post(
      '/tokens',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'Make an API token; its secret is answered this once',
          headers: IdempotencyHeaders,
          body: ApiTokenInput,
          response: { 201: ApiTokenCreated },
        },
      },
      async (request, reply) => {
        const { name, role, expiresInDays, grants = ALL_CAMERAS, scopes } = request.body;
        const unknown = scopes?.filter((scope) => !PERMISSIONS.some((permission) => permission === scope));
        if (unknown !== undefined && unknown.length > 0)
          throw invalidFields({ path: 'scopes', message: `are not known: ${unknown.join(', ')}` });
        const principal = principalOf(request);
        const { id: createdBy, tenantId } = principal;
        const now = Date.now();
        const expiresAtMs = expiresInDays === undefined ? null : now + expiresInDays * DAY_MS;
        requireOwnRights(principal, { role, tenantId, scopes, expiresAtMs });
        const made = await createOnce<ApiTokenCreated>(request, {
          store,
          kind: 'token',
          idOf: ({ id }) => id,
          async read() {
            throw new VedetteError('conflict', {
              detail: 'This token was made already, and its secret is told once. Revoke it and make another.',
            });
          },
          async create() {
            const { token, secret } = await apiTokens.create({
              name,
              role,
              tenantId,
              grants,
              scopes: scopes ?? null,
              createdBy,
              createdAt: new Date(now),
              expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
            });
            request.audit({ kind: 'token-created', data: { after: viewOf(token) } });
            return { ...viewOf(token), secret };
          },
        });
        return reply.code(201).send(made);
      },
    );
    app.delete(
      '/tokens/:id',
      {
        config,
        schema: {
          tags: ['access'],
          summary: 'Revoke an API token',
          params: z.object({ id: UserId }),
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        await accounts.removeToken(principalOf(request).tenantId, request.params);
        request.audit({ kind: 'token-revoked', data: { id: request.params.id } });
        return reply.code(204).send();
      },
    );
  };
}

function viewOf(token: ApiToken): ApiTokenView {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    grants: token.grants,
    scopes: token.scopes,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}
