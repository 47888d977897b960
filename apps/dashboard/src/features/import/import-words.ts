import type { CameraImportAnswer, ImportedRow, ImportFormat } from '@vedette/contracts';
import type { MarkShape, Tone } from '../../ui/state-mark.tsx';

type Action = ImportedRow['action'];

interface ActionWords {
  readonly word: string;
  /** Once it is done. */
  readonly done: string;
  readonly tone: Tone;
  readonly shape: MarkShape;
}

export const ACTIONS: Readonly<Record<Action, ActionWords>> = {
  create: { word: 'Will be added', done: 'Added', tone: 'good', shape: 'dot' },
  update: { word: 'Will be changed', done: 'Changed', tone: 'busy', shape: 'dot' },
  same: { word: 'Stays as it is', done: 'As it was', tone: 'none', shape: 'ring' },
  error: { word: 'Cannot be taken', done: 'Not taken', tone: 'bad', shape: 'cross' },
};

/** `12 will be added, 3 cannot be taken`, what happens first. */
export function importSummary({ dryRun, rows }: CameraImportAnswer): string {
  const parts = (['create', 'update', 'same', 'error'] as const).flatMap((action) => {
    const count = rows.filter((row) => row.action === action).length;
    const words = dryRun ? ACTIONS[action].word : ACTIONS[action].done;
    return count === 0 ? [] : [`${count} ${words.charAt(0).toLowerCase()}${words.slice(1)}`];
  });
  return parts.length === 0 ? 'There is no camera in it.' : parts.join(', ');
}

/** How many an import would add or change. */
export function takenRows({ rows }: CameraImportAnswer): number {
  return rows.filter(({ action }) => action === 'create' || action === 'update').length;
}

/** By the end of its name, else by how it begins. */
export function formatOf(name: string, text: string): ImportFormat {
  if (/\.csv$/i.test(name)) return 'csv';
  if (/\.json$/i.test(name)) return 'json';
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  const begin = text.trimStart();
  if (begin.startsWith('{') || begin.startsWith('[')) return 'json';
  return /^(cameras:|- |---)/.test(begin) ? 'yaml' : 'csv';
}
