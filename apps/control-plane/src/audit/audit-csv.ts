import type { AuditRecord } from '@vedette/contracts';
import { eventOf } from './audit-event.ts';

const COLUMNS = [
  'at',
  'kind',
  'actor',
  'actorId',
  'clientAddress',
  'cameraId',
  'sessionId',
  'requestId',
  'data',
  'writer',
  'seq',
  'hash',
];
/** A spreadsheet takes what begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** RFC 4180, with a first line that names the columns. */
export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

export function csvLine(record: AuditRecord): string {
  const event = eventOf(record);
  const fields = [
    new Date(event.at).toISOString(),
    event.kind,
    event.actor?.name ?? '',
    event.actor?.id ?? '',
    event.clientAddress ?? '',
    event.cameraId ?? '',
    event.sessionId ?? '',
    event.requestId ?? '',
    JSON.stringify(event.data),
    record.writer,
    String(record.seq),
    record.hash,
  ];
  return `${fields.map(field).join(',')}\r\n`;
}

function field(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
