import type { Limits, QuotaGroup, TenantId } from '@vedette/contracts';
import type { Counter } from '../state/shared-state.ts';

/** The first whose pattern fits the public path name; `*` stands for anything. */
export function quotaGroupOf(groups: readonly QuotaGroup[], pathName: string): QuotaGroup | undefined {
  return groups.find(({ pattern }) => fits(pattern, pathName));
}

/** What a view of a camera with this path name counts under, beside its person. */
export function tenantCounters(tenantId: TenantId, limits: Limits, pathName: string): Counter[] {
  const { quotaGroups, quotaTotal, tenantViews } = limits;
  const counters: Counter[] = [
    { key: tenantKey(tenantId), max: tenantViews ?? Number.MAX_SAFE_INTEGER, limit: 'tenant' },
  ];
  const group = quotaGroupOf(quotaGroups, pathName);
  if (group === undefined) return counters;
  counters.push({ key: groupKey(tenantId, group.name), max: group.maxViews, limit: 'quota-group' });
  counters.push({
    key: quotaTotalKey(tenantId),
    max: quotaTotal ?? Number.MAX_SAFE_INTEGER,
    limit: 'quota-total',
  });
  return counters;
}

export const tenantKey = (tenantId: TenantId) => `tenant ${tenantId}`;
export const groupKey = (tenantId: TenantId, name: string) => `quota ${tenantId} ${name}`;
export const quotaTotalKey = (tenantId: TenantId) => `quotas ${tenantId}`;

function fits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === first;
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
