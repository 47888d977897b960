import type { KeptState } from './history-store.ts';

/** Share of the time from `fromMs` to `toMs` in which it was there, 0 to 1; null where nothing is known of it. */
export function uptimeOf(entries: readonly KeptState[], fromMs: number, toMs: number): number | null {
  let known = 0;
  let there = 0;
  for (const [index, { at, state }] of entries.entries()) {
    const begin = Math.max(fromMs, at.getTime());
    const end = Math.min(toMs, entries[index + 1]?.at.getTime() ?? toMs);
    if (end <= begin) continue;
    known += end - begin;
    // It comes and goes: half of the time is as good a guess as any.
    if (state === 'online') there += end - begin;
    else if (state === 'unstable') there += (end - begin) / 2;
  }
  return known === 0 ? null : there / known;
}
