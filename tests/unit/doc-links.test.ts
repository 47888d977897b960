import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REASON_TEXT, ReasonCode, Settings } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function pages(): string[] {
  const below = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.includes('node_modules'));
  return [
    join(ROOT, 'README.md'),
    join(ROOT, 'CONTRIBUTING.md'),
    ...['docs', 'packages', 'simulators', 'bench'].flatMap(below),
  ];
}

describe('the documentation', () => {
  it('links to files that are there', () => {
    const broken = pages().flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((match) => resolve(dirname(page), match[1] ?? ''))
        .filter((target) => !existsSync(target))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('names in SPEC.md tests that are there', () => {
    const named = [
      ...readFileSync(join(ROOT, 'docs/SPEC.md'), 'utf8').matchAll(/`((?:tests|apps|packages)\/[^`]+)`/g),
    ];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map((match) => match[1] ?? '').filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names only settings that exist in the README', () => {
    const flags = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/`--([a-z-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    const known = new Set(
      Object.keys(Settings.shape).map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
    );
    expect(flags.filter((flag) => flag !== 'help' && !known.has(flag))).toEqual([]);
  });

  it('has a sentence for every reason', () => {
    for (const code of ReasonCode.options) expect(REASON_TEXT[code], code).toMatch(/\.$/);
  });
});
