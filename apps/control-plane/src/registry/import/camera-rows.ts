// Text of a file in, one object a camera out, in the shape of CameraInput; and back.
// Not its job: whether such a camera may be.
import type { Camera, ImportFormat } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { parse, stringify } from 'yaml';
import { csvFields, parseCsv } from './csv.ts';

const MAX_ROWS = 5000;
/** Columns of a table; everything but the first three belongs to the source or is left out where it is empty. */
const COLUMNS = [
  ...['name', 'pull', 'idleTtlSeconds'],
  ...['kind', 'url', 'subUrl', 'host', 'port', 'file', 'loop', 'via', 'transport', 'username', 'password'],
] as const;
const NUMBERS = new Set<string>(['idleTtlSeconds', 'port']);

/** Throws VedetteError `invalid_request` when the text as a whole cannot be read. */
export function readCameraRows(text: string, format: ImportFormat): unknown[] {
  const rows = format === 'csv' ? rowsOfTable(text) : rowsOfDocument(text, format);
  if (rows.length > MAX_ROWS) throw unreadable(`holds more than ${MAX_ROWS} cameras: cut it in two`);
  return rows;
}

/** Without secrets: what is read in again asks for the passwords. */
export function writeCameraRows(cameras: readonly Camera[], format: ImportFormat): string {
  const rows = cameras.map(({ idleTtlSeconds, name, pull, renditions, source }) => {
    const { hasPassword: _, ...rest } = source;
    return { name, source: rest, pull, idleTtlSeconds, ...(renditions.length === 0 ? {} : { renditions }) };
  });
  if (format === 'json') return `${JSON.stringify({ cameras: rows }, undefined, 2)}\n`;
  if (format === 'yaml') return stringify({ cameras: rows });
  const columns = COLUMNS.filter((column) => column !== 'password');
  const lines = rows.map(({ source, ...row }) => {
    const values = new Map<string, unknown>(Object.entries({ ...source, ...row }));
    return csvFields(columns.map((column) => String(values.get(column) ?? '')));
  });
  return csvFields(columns) + lines.join('');
}

function rowsOfDocument(text: string, format: 'json' | 'yaml'): unknown[] {
  let document: unknown;
  try {
    document = format === 'json' ? JSON.parse(text) : parse(text, { maxAliasCount: 0, logLevel: 'silent' });
  } catch {
    // The parser's message quotes what it read, passwords included.
    throw unreadable(`is not ${format.toUpperCase()}`);
  }
  if (Array.isArray(document)) return document;
  const listed =
    typeof document === 'object' && document !== null && 'cameras' in document ? document.cameras : undefined;
  if (!Array.isArray(listed))
    throw unreadable('is neither a list of cameras nor an object with the list `cameras`');
  return listed;
}

function rowsOfTable(text: string): unknown[] {
  const [head = [], ...lines] = parseCsv(text);
  const columns = head.map((name) =>
    COLUMNS.find((known) => known.toLowerCase() === name.trim().toLowerCase()),
  );
  const unknown = head.filter((_, index) => columns[index] === undefined);
  if (unknown.length > 0)
    throw unreadable(
      `has columns that mean nothing here: ${unknown.join(', ').slice(0, 200)}. Known: ${COLUMNS.join(', ')}`,
    );
  return lines.map((fields) => {
    const row: Record<string, unknown> = {};
    const source: Record<string, unknown> = {};
    for (const [index, column] of columns.entries()) {
      const value = fields[index]?.trim() ?? '';
      if (column === undefined || value === '') continue;
      const target = column === 'name' || column === 'pull' || column === 'idleTtlSeconds' ? row : source;
      target[column] = NUMBERS.has(column)
        ? Number(value)
        : column === 'loop'
          ? value.toLowerCase() !== 'false'
          : value;
    }
    return { ...row, source: { kind: 'url' in source ? 'rtsp' : 'onvif', ...source } };
  });
}

function unreadable(message: string): VedetteError {
  return new VedetteError('invalid_request', { fields: [{ path: 'text', message }] });
}
