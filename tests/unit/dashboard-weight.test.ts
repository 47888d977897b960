import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../apps/dashboard/src/', import.meta.url));
const VALUES = /import\s+(?!type\b)(\{[^}]*\}|\w+)\s+from\s+'@vedette\/contracts'/g;

describe('what the dashboard loads', () => {
  it('is schemas on the policy page alone: they weigh more than all that is needed for the first picture', () => {
    const files = globSync('**/*.{ts,tsx}', { cwd: SOURCES }).filter(
      (file) => !/\.(test|fixture)\.ts/.test(file),
    );
    const wrong = files.filter((file) =>
      [...readFileSync(join(SOURCES, file), 'utf8').matchAll(VALUES)].some(([, names = '']) =>
        names
          .replace(/[{}]/g, '')
          .split(',')
          .some((name) => name.trim() !== '' && !name.trim().startsWith('type ')),
      ),
    );
    expect(files.length).toBeGreaterThan(200);
    expect(wrong).toEqual(['features/policy/rule-form.ts']);
  });
});
