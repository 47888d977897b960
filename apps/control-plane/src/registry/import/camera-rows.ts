// Text of a file in, one object a camera out, in the shape of CameraInput; and back.
// Not its job: whether such a camera may be.
import type { Camera, ImportFormat } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { parse, stringify } from 'yaml';
import { csvFields, parseCsv } from './csv.ts';

const MAX_ROWS = 5000;
/** Columns of the camera itself; the others are those of its source. What is empty is left out. */
const OWN_COLUMNS = [
  ...['name', 'pull', 'idleTtlSeconds', 'siteId', 'groupIds', 'tags', 'tier', 'pathName', 'maxConnections'],
  'watched',
] as const;
const COLUMNS = [
  ...OWN_COLUMNS,
  ...['kind', 'url', 'subUrl', 'host', 'port', 'file', 'loop', 'via', 'transport', 'username', 'password'],
] as const;
const OWN = new Set<string>(OWN_COLUMNS);
const NUMBERS = new Set<string>(['idleTtlSeconds', 'port', 'tier', 'maxConnections']);
const BOOLEANS = new Set<string>(['loop', 'watched']);
/** Several in one field, apart by blanks. */
const LISTS = new Set<string>(['groupIds', 'tags']);

/** Throws VedetteError `invalid_request` when the text as a whole cannot be read. */
export function readCameraRows(text: string, format: ImportFormat): unknown[] {
  const rows = format === 'csv' ? rowsOfTable(text) : rowsOfDocument(text, format);
  if (rows.length > MAX_ROWS) throw unreadable(`holds more than ${MAX_ROWS} cameras: cut it in two`);
  return rows;
}

/** Without secrets: what is read in again asks for the passwords. */
export function writeCameraRows(cameras: readonly Camera[], format: ImportFormat): string {
  const rows = cameras.map((camera) => {
    const { idleTtlSeconds, name, pull, renditions, source } = camera;
    const { hasPassword: _, ...rest } = source;
    const made = renditions.length === 0 ? {} : { renditions };
    return { name, source: rest, pull, idleTtlSeconds, ...made, ...organisationOf(camera) };
  });
  if (format === 'json') return `${JSON.stringify({ cameras: rows }, undefined, 2)}\n`;
  if (format === 'yaml') return stringify({ cameras: rows });
  const columns = COLUMNS.filter((column) => column !== 'password');
  const lines = rows.map(({ source, ...row }) => {
    const values = new Map<string, unknown>(Object.entries({ ...source, ...row }));
    return csvFields(columns.map((column) => writeField(values.get(column))));
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
      const target = OWN.has(column) ? row : source;
      target[column] = readField(column, value);
    }
    return { ...row, source: { kind: 'url' in source ? 'rtsp' : 'onvif', ...source } };
  });
}

function readField(column: string, text: string): unknown {
  if (NUMBERS.has(column)) return Number(text);
  if (BOOLEANS.has(column)) return text.toLowerCase() !== 'false';
  return LISTS.has(column) ? text.split(/\s+/) : text;
}

function writeField(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value ?? '');
}

/** Where it belongs, as far as that is not what every camera begins with. */
function organisationOf(camera: Camera) {
  const { groupIds, maxConnections, pathName, siteId, tags, tier, watched } = camera;
  return {
    ...(siteId === null ? {} : { siteId }),
    ...(groupIds.length === 0 ? {} : { groupIds }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(tier === 5 ? {} : { tier }),
    ...(pathName === null ? {} : { pathName }),
    ...(maxConnections === null ? {} : { maxConnections }),
    ...(watched ? {} : { watched }),
  };
}

function unreadable(message: string): VedetteError {
  return new VedetteError('invalid_request', { fields: [{ path: 'text', message }] });
}
