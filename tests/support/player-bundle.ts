// The player as a page would load it: one module, and hls.js as a chunk of its own that is fetched when needed.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PLAYER = fileURLToPath(new URL('../../packages/player/src/index.ts', import.meta.url));
export const PLAYER_ENTRY = 'player.js';

/** File names with their text; `player.js` is the one to import. */
export async function buildPlayer(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      lib: { entry: PLAYER, formats: ['es'], fileName: () => PLAYER_ENTRY },
    },
  });
  const files = new Map<string, string>();
  for (const output of Array.isArray(result) ? result : [result]) {
    if (!('output' in output)) throw new Error('the build is being watched');
    for (const file of output.output) if (file.type === 'chunk') files.set(file.fileName, file.code);
  }
  return files;
}
