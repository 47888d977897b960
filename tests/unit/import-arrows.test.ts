import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const IMPORT = /(?:from\s+|import\s*\(?\s*)['"]([^'"]+)['"]/g;

/** Folder prefix, and what code inside it may never import, with the reason a reader should be told. */
const RULES: readonly { readonly from: string; readonly never: RegExp; readonly why: string }[] = [
  { from: 'packages/', never: /^apps\//, why: 'packages know no app' },
  { from: 'packages/', never: /^simulators\//, why: 'packages know no simulator' },
  { from: 'apps/control-plane/', never: /^apps\/(?!control-plane\/)/, why: 'apps share contracts only' },
  { from: 'apps/media-node/', never: /^apps\/(?!media-node\/)/, why: 'apps share contracts only' },
  { from: 'apps/dashboard/', never: /^apps\/(?!dashboard\/)/, why: 'apps share contracts only' },
  {
    from: 'apps/cli/',
    never: /^apps\/(?!cli\/)/,
    why: 'the command line starts processes, it does not contain them',
  },
  {
    from: 'apps/media-node/src/hub/',
    never: /^apps\/media-node\/src\/(ingest|egress|engine|agent)\//,
    why: 'the hub knows neither source nor way out',
  },
  {
    from: 'apps/media-node/src/ingest/',
    never: /^apps\/media-node\/src\/(egress|engine|agent)\//,
    why: 'ingest knows the hub and packages',
  },
  {
    from: 'apps/media-node/src/egress/',
    never: /^apps\/media-node\/src\/(ingest|engine|agent)\//,
    why: 'egress knows the hub and packages',
  },
];
/** Packages that stay pure: no socket, no file, no process. */
const PURE = [
  'packages/media-types/',
  'packages/bitstream/',
  'packages/rtp/',
  'packages/fmp4/',
  'packages/contracts/',
];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? '').map((name) => target(file, name));
}

/** A relative import or one of our own packages as a path from the root; others as they are. */
function target(file: string, name: string): string {
  if (name.startsWith('.')) return relative(ROOT, resolve(ROOT, dirname(file), name));
  const own = /^@vedette\/([a-z0-9-]+)/.exec(name)?.[1];
  if (own === undefined) return name;
  if (own === 'simulators') return 'simulators/';
  return ['control-plane', 'media-node', 'dashboard', 'cli'].includes(own)
    ? `apps/${own}/`
    : `packages/${own}/`;
}

const files = ['apps', 'packages', 'simulators'].flatMap(sources);

describe('the arrows of the architecture', () => {
  it('sees the sources it judges', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(RULES)('$from never imports $never: $why', ({ from, never }) => {
    const broken = files
      .filter((file) => file.startsWith(from))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => never.test(name))
          .map((name) => `${file} -> ${name}`),
      );
    expect(broken).toEqual([]);
  });

  it.each(PURE)('%s opens nothing', (folder) => {
    const broken = files
      .filter((file) => file.startsWith(folder) && !file.includes('.test.'))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => /^node:(net|dgram|http|https|http2|tls|fs|child_process)/.test(name))
          .map((name) => `${file} -> ${name}`),
      );
    expect(broken).toEqual([]);
  });
});
