import type { SessionId } from '@vedette/contracts';

/** Totals as read at one moment; `atMs` on any steady clock. */
export interface Reading {
  readonly atMs: number;
  readonly bytes: ReadonlyMap<SessionId, number>;
}

/** Bits a second between two readings, for the sessions that stand in both. */
export function sendRates(before: Reading | undefined, after: Reading): ReadonlyMap<SessionId, number> {
  const rates = new Map<SessionId, number>();
  const seconds = before === undefined ? 0 : (after.atMs - before.atMs) / 1000;
  if (before === undefined || seconds <= 0) return rates;
  for (const [id, bytes] of after.bytes) {
    const earlier = before.bytes.get(id);
    if (earlier !== undefined) rates.set(id, (Math.max(0, bytes - earlier) * 8) / seconds);
  }
  return rates;
}
