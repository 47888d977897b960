import type { AuditRecord } from '@vedette/contracts';
import { CSV_HEADER, csvLine } from './audit-csv.ts';
import { eventOf } from './audit-event.ts';
import type { AuditPlace, AuditQuery, AuditStore } from './audit-store.ts';

const PAGE = 500;

/** All that a search finds, newest first, a line at a time; the next page is read when the last has been taken. */
export async function* exportedAudit(
  store: Pick<AuditStore, 'find'>,
  query: AuditQuery,
  format: 'jsonl' | 'csv',
): AsyncGenerator<string> {
  if (format === 'csv') yield CSV_HEADER;
  let before: AuditPlace | undefined;
  for (;;) {
    const found: AuditRecord[] = await store.find(query, { limit: PAGE, before });
    for (const record of found) yield format === 'csv' ? csvLine(record) : `${JSON.stringify(record)}\n`;
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return;
    before = { at: new Date(eventOf(last).at), writer: last.writer, seq: last.seq };
  }
}
