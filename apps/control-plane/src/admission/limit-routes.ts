import { LimitsChange, LimitsView, type TenantId } from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { principalOf } from '../access/principal.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { LimitsBook } from './limits-book.ts';
import type { KeptLimits, LimitsStore } from './limits-store.ts';
import { groupKey, quotaTotalKey, tenantKey } from './quota-group.ts';

const tags = ['admission'];

/** How much a tenant may use at once, and how much it does, under /api/v1. */
export function limitRoutes(options: {
  readonly store: Pick<LimitsStore, 'get' | 'set'>;
  readonly book: Pick<LimitsBook, 'forget'>;
  readonly state: Pick<SharedState, 'counts'>;
}): FastifyPluginAsyncZod {
  const { book, state, store } = options;
  const view = async (tenantId: TenantId, { limits, version }: KeptLimits): Promise<LimitsView> => {
    const groups = limits.quotaGroups;
    const [tenantViews = 0, quotaTotal = 0, ...ofGroups] = await state.counts([
      tenantKey(tenantId),
      quotaTotalKey(tenantId),
      ...groups.map(({ name }) => groupKey(tenantId, name)),
    ]);
    const quotaGroups = groups.map(({ maxViews, name }, i) => ({ name, maxViews, views: ofGroups[i] ?? 0 }));
    return { tenantId, version, limits, usage: { tenantViews, quotaGroups, quotaTotal } };
  };
  return async (app) => {
    app.get(
      '/limits',
      {
        config: { access: 'limit.read' },
        schema: { tags, summary: 'How much may be used at once, and is', response: { 200: LimitsView } },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        return view(tenantId, await store.get(tenantId));
      },
    );
    app.put(
      '/limits',
      {
        config: { access: 'limit.manage' },
        schema: {
          tags,
          summary: 'Set how much may be used at once; holds from the next start on',
          body: LimitsChange,
          response: { 200: LimitsView },
        },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        const { basedOn, limits } = request.body;
        const before = await store.get(tenantId);
        const after = await store.set(tenantId, basedOn, limits);
        book.forget(tenantId);
        request.audit({ kind: 'limits-changed', data: { before: before.limits, after: after.limits } });
        return view(tenantId, after);
      },
    );
  };
}
