import {
  PolicyInput,
  PolicyRule,
  PolicyTryAnswer,
  PolicyTryRequest,
  PolicyVersion,
  PolicyView,
  type TenantId,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Principal, principalOf } from '../access/principal.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { PolicyBook } from './policy-book.ts';
import type { KeptPolicy, PolicyStore } from './policy-store.ts';
import type { TryPolicy } from './try-policy.ts';

const tags = ['policy'];
const read = { access: 'policy.read' } as const;
const manage = { access: 'policy.manage' } as const;

export type PolicyPort = Pick<PolicyStore, 'newest' | 'get' | 'versions' | 'add'>;

export interface PolicyRoutesOptions {
  readonly store: PolicyPort;
  readonly book: Pick<PolicyBook, 'forget'>;
  readonly tries: Pick<TryPolicy, 'answer'>;
  /** Running views are looked at again. */
  readonly onChange: (tenantId: TenantId) => void;
}

/** The rules of a tenant, their versions, and what would happen if, under /api/v1. */
export function policyRoutes(options: PolicyRoutesOptions): FastifyPluginAsyncZod {
  const { book, onChange, store, tries } = options;
  const add = async (
    principal: Principal,
    input: PolicyInput,
  ): Promise<{ readonly before: KeptPolicy | undefined; readonly after: KeptPolicy }> => {
    const { tenantId } = principal;
    const before = await store.newest(tenantId);
    const after = await store.add(tenantId, { ...input, author: principal.name });
    book.forget(tenantId);
    onChange(tenantId);
    return { before, after };
  };
  return async (app) => {
    app.get(
      '/policy',
      { config: read, schema: { tags, summary: 'The rules in force', response: { 200: PolicyView } } },
      async (request) => viewOf(await store.newest(principalOf(request).tenantId)),
    );
    app.get(
      '/policy/default',
      {
        config: read,
        schema: {
          tags,
          summary: 'The rules that hold without any configuration',
          response: { 200: z.object({ rules: z.array(PolicyRule) }) },
        },
      },
      async () => ({ rules: [...DEFAULT_RULES] }),
    );
    app.put(
      '/policy',
      {
        config: manage,
        schema: {
          tags,
          summary: 'New rules; they hold from the next start on, and running views follow',
          body: PolicyInput,
          response: { 200: PolicyView },
        },
      },
      async (request) => {
        const { after, before } = await add(principalOf(request), request.body);
        request.audit({ kind: 'policy-changed', data: { before: audited(before), after: audited(after) } });
        return viewOf(after);
      },
    );
    app.get(
      '/policy/versions',
      {
        config: read,
        schema: {
          tags,
          summary: 'Versions of the rules, newest first',
          querystring: PageQuery,
          response: { 200: pageOf(PolicyVersion) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const before = z.coerce
          .number()
          .int()
          .optional()
          .catch(undefined)
          .parse(cursor === undefined ? undefined : decodeCursor(cursor, 1)[0]);
        const found = await store.versions(principalOf(request).tenantId, { limit: limit + 1, before });
        const page = cutPage(found, limit, ({ version }) => [String(version)]);
        return { items: page.items.map(versionOf), nextCursor: page.nextCursor };
      },
    );
    const params = z.object({
      version: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    });
    app.get(
      '/policy/versions/:version',
      {
        config: read,
        schema: { tags, summary: 'One version of the rules', params, response: { 200: PolicyView } },
      },
      async (request) => {
        const kept = await store.get(principalOf(request).tenantId, request.params.version);
        if (kept === undefined) throw new VedetteError('not_found');
        return viewOf(kept);
      },
    );
    app.post(
      '/policy/versions/:version/restore',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Put the rules of an earlier version in force again, as a new version',
          params,
          response: { 200: PolicyView },
        },
      },
      async (request) => {
        const principal = principalOf(request);
        const { version } = request.params;
        const old = await store.get(principal.tenantId, version);
        if (old === undefined) throw new VedetteError('not_found');
        if (old.rules === undefined)
          throw new VedetteError('conflict', {
            detail: 'The rules of that version cannot be read any more.',
          });
        const newest = await store.newest(principal.tenantId);
        const { after, before } = await add(principal, {
          basedOn: newest?.version ?? 0,
          rules: [...old.rules],
          note: `Version ${version} again`,
        });
        request.audit({ kind: 'policy-changed', data: { before: audited(before), after: audited(after) } });
        return viewOf(after);
      },
    );
    app.post(
      '/policy/try',
      {
        config: read,
        schema: {
          tags,
          summary: 'What would happen if: the answer of a start, rule by rule, without starting anything',
          body: PolicyTryRequest,
          response: { 200: PolicyTryAnswer },
        },
      },
      async (request) => tries.answer(principalOf(request), request.body),
    );
  };
}

function versionOf(kept: KeptPolicy): PolicyVersion {
  const { author, createdAt, note, version } = kept;
  return { version, author, note, createdAt: createdAt.toISOString() };
}

function viewOf(kept: KeptPolicy | undefined): PolicyView {
  if (kept === undefined)
    return {
      version: 0,
      author: null,
      note: '',
      createdAt: null,
      isBroken: false,
      rules: [...DEFAULT_RULES],
    };
  const { rules } = kept;
  return { ...versionOf(kept), isBroken: rules === undefined, rules: [...(rules ?? DEFAULT_RULES)] };
}

function audited(kept: KeptPolicy | undefined) {
  return kept === undefined ? { version: 0 } : { version: kept.version, rules: kept.rules, note: kept.note };
}
