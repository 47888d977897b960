// Grants as a person reads them. In: grants and the names of what they cover. Out: a few words for a table, a line
// for a form. What is allowed is not decided here.
import type { Grant, GrantScope, Role, TimeWindow } from '@vedette/contracts';
import { seesEveryCamera } from './roles.ts';

/** Names of what a grant may cover; undefined for what is not known, or is gone. */
export type ScopeNames = (scope: Exclude<GrantScope, { kind: 'all' }>) => string | undefined;

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

const KINDS = {
  site: { one: 'site', many: 'sites', label: 'Site' },
  group: { one: 'group', many: 'groups', label: 'Group' },
  camera: { one: 'camera', many: 'cameras', label: 'Camera' },
} as const;

/** `2 sites, weekdays 06:00 to 14:00`: what stands in a table. */
export function grantsSummary(role: Role, grants: readonly Grant[]): string {
  if (seesEveryCamera(role)) return 'Every camera';
  if (grants.length === 0) return 'No camera';
  const counts = (['site', 'group', 'camera'] as const).flatMap((kind) => {
    const count = grants.filter(({ scope }) => scope.kind === kind).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? KINDS[kind].one : KINDS[kind].many}`];
  });
  const isAll = grants.some(({ scope }) => scope.kind === 'all');
  return [
    isAll ? ['Every camera', ...counts].join(' and ') : counts.join(' and '),
    ofAll(grants, ({ window }) => window && windowWords(window), 'hours differ'),
    ofAll(grants, ({ until }) => until && untilWords(until), 'ends differ'),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** What all grants say alike, or that they differ; undefined when none says anything. */
function ofAll(
  grants: readonly Grant[],
  say: (grant: Grant) => string | undefined,
  otherwise: string,
): string | undefined {
  const said = new Set(grants.map(say));
  const [first] = said;
  return said.size === 1 ? first : otherwise;
}

/** What one grant covers: `Site Harbour`. */
export function scopeWords(scope: GrantScope, names: ScopeNames): string {
  if (scope.kind === 'all') return 'Every camera';
  const name = names(scope);
  return name === undefined ? `${KINDS[scope.kind].label} ${scope.id}, no longer there` : name;
}

export function scopeKindWords(kind: GrantScope['kind']): string {
  return kind === 'all' ? 'all there are, and all to come' : KINDS[kind].label;
}

/** `weekdays 06:00 to 14:00`, `every day 22:00 to 06:00 the next day`. */
export function windowWords({ days, from, to }: Pick<TimeWindow, 'days' | 'from' | 'to'>): string {
  const next = to <= from ? ' the next day' : '';
  return `${dayWords(days)} ${from} to ${to}${next}`;
}

/** `weekdays`, `Mon to Thu`, `Mon, Wed`. */
export function dayWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const text = sorted.join('');
  if (text === '') return 'no day';
  if (text === '1234567') return 'every day';
  if (text === '12345') return 'weekdays';
  if (text === '67') return 'weekends';
  const name = (day: number | undefined) => WEEKDAYS[(day ?? 0) - 1] ?? '';
  const first = sorted[0];
  const last = sorted.at(-1);
  const isRun = sorted.length > 2 && '1234567'.includes(text);
  return isRun ? `${name(first)} to ${name(last)}` : sorted.map(name).join(', ');
}

/** `until 3 December 2026, 14:00`, in the time of who reads it. */
export function untilWords(until: string): string {
  const at = new Date(until);
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `until ${day}${time === '00:00' ? '' : `, ${time}`}`;
}
