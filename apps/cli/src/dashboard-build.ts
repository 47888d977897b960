import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { launch, prepareLauncher } from '@vedette/runtime';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const DASHBOARD = join(REPOSITORY, 'apps/dashboard');
const STAMP = join(DASHBOARD, 'dist/.built-from');
/** Of the paths below SOURCES: not what a build or an installation put there. */
const SOURCE = /^(?!.*\/(?:dist|node_modules)\/)/;
const SOURCES = ['apps/dashboard', 'packages/player/src', 'packages/contracts/src', 'package-lock.json'];

/** Builds the dashboard unless it was built from exactly these sources. Throws with the build's own words. */
export async function ensureDashboard(say: (line: string) => void): Promise<void> {
  const wanted = await sourceHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('building the dashboard (once) ...');
  await build();
  await compress();
  writeFileSync(STAMP, wanted);
}

/** Once here instead of at each request: control serves the compressed twin to whoever takes it. */
async function compress(): Promise<void> {
  for (const file of await filesUnder(join(DASHBOARD, 'dist'), /\.(js|css|html|svg)$/)) {
    const content = await readFile(file);
    await writeFile(`${file}.br`, brotliCompressSync(content));
    await writeFile(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesUnder(join(REPOSITORY, source), SOURCE))
      hash.update(file.slice(REPOSITORY.length)).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function filesUnder(path: string, wanted: RegExp): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => wanted.test(file))
    .sort();
}

async function build(): Promise<void> {
  const launcher = await prepareLauncher();
  return new Promise((resolve, reject) => {
    const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js');
    const child = launch(launcher, [process.execPath, vite, 'build', '--logLevel', 'warn'], {
      cwd: DASHBOARD,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the dashboard could not be built:\n${output}`)),
    );
  });
}
