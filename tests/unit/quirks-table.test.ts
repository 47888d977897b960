import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = 'docs/reference/quirks.md';
const QUIRKS = 'tests/quirks';

interface Row {
  readonly title: string;
  readonly file: string;
}

function rows(): Row[] {
  return readFileSync(join(ROOT, PAGE), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const file = /^`(.+\.test\.ts)`$/.exec(cells[3] ?? '')?.[1];
      return cells.length === 5 && file !== undefined ? [{ title: cells[2] ?? '', file }] : [];
    });
}

/** Every string of a test file that could be a title, as it is written. */
function strings(file: string): Set<string> {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = new Set<string>();
  for (const [, quote = '', content = ''] of text.matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1/g))
    found.add(quote === "'" ? content.replaceAll("\\'", "'") : content);
  return found;
}

describe('the table of quirks', () => {
  it('names tests that exist, word for word', () => {
    const known = new Map<string, Set<string>>();
    const wrong = rows().filter(({ file, title }) => {
      const found = known.get(file) ?? strings(file);
      known.set(file, found);
      return !found.has(title);
    });
    expect(rows().length).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  it('has a row for every file of quirks, and no test twice', () => {
    const files = readdirSync(join(ROOT, QUIRKS)).filter((name) => name.endsWith('.test.ts'));
    const named = new Set(rows().map(({ file }) => file));
    expect(files.filter((name) => !named.has(`${QUIRKS}/${name}`))).toEqual([]);
    const keys = rows().map(({ file, title }) => `${file}: ${title}`);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });
});
