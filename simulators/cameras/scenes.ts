import { fileURLToPath } from 'node:url';
import { type Clip, loadClip } from './clip/clip.ts';
import type { ProfileName } from './rtsp/stream-path.ts';

/** In the order of their numbers in the burnt-in strip, from 1; camera n shows scene ((n - 1) mod 9) + 1. */
export const SCENES = [
  'gate',
  'lobby',
  'dock',
  'yard',
  'stairs',
  'garage',
  'roof',
  'platform',
  'vault',
] as const;

const MAIN_FPS = 15;
const SUB_FPS = 8;

export interface Scene {
  readonly name: string;
  readonly clips: Readonly<Record<ProfileName, Clip>>;
  /** A JPEG file. */
  readonly snapshotFile: string;
}

/** Loads the scenes that `cameras` cameras show. `mainClip` replaces every main stream, for measurements. */
export async function loadScenes(
  cameras: number,
  mainClip?: { readonly file: string; readonly fps: number },
): Promise<readonly Scene[]> {
  const replacement = mainClip === undefined ? undefined : await loadClip(mainClip.file, mainClip.fps);
  return Promise.all(
    SCENES.slice(0, cameras).map(async (name) => ({
      name: name.toUpperCase(),
      clips: {
        main: replacement ?? (await loadClip(clipFile(`${name}-main.h264`), MAIN_FPS)),
        sub: await loadClip(clipFile(`${name}-sub.h264`), SUB_FPS),
      },
      snapshotFile: clipFile(`${name}.jpg`),
    })),
  );
}

function clipFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/clips/${name}`, import.meta.url));
}
