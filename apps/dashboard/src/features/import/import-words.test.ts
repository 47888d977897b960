import type { ImportedRow } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { formatOf, importSummary, takenRows } from './import-words.ts';

const row = (action: ImportedRow['action']): ImportedRow => ({
  row: 1,
  name: null,
  action,
  id: null,
  problems: [],
});

describe('the words of an import', () => {
  it('count what would happen, and what did', () => {
    const rows = [row('create'), row('create'), row('error'), row('same')];
    expect(importSummary({ dryRun: true, rows })).toBe(
      '2 will be added, 1 stays as it is, 1 cannot be taken',
    );
    expect(importSummary({ dryRun: false, rows })).toBe('2 added, 1 as it was, 1 not taken');
    expect(importSummary({ dryRun: true, rows: [] })).toBe('There is no camera in it.');
    expect(takenRows({ dryRun: true, rows })).toBe(2);
  });

  it('tell a file by its name, and else by how it begins', () => {
    expect(formatOf('Cameras.YML', '')).toBe('yaml');
    expect(formatOf('', ' {"cameras": []}')).toBe('json');
    expect(formatOf('', 'cameras:\n  - name: Gate')).toBe('yaml');
    expect(formatOf('', 'name,url\nGate,rtsp://10.0.0.1/')).toBe('csv');
  });
});
