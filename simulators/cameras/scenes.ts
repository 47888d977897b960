import { fileURLToPath } from 'node:url';
import { type Clip, loadClip } from './clip/clip.ts';
import { loadH265Clip, loadJpegClip } from './clip/other-clips.ts';
import { loadSound, type SoundCodec } from './clip/sound.ts';
import type { ProfileName } from './rtsp/stream-path.ts';
import type { Reel } from './stream/reel.ts';

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
  readonly sound: Reel | undefined;
  /** A JPEG file. */
  readonly snapshotFile: string;
}

interface SceneOptions {
  readonly video?: 'h264' | 'h265' | 'mjpeg';
  readonly sound?: SoundCodec | undefined;
  /** Replaces every main stream, for measurements. */
  readonly mainClip?: { readonly file: string; readonly fps: number } | undefined;
}

/** Loads the scenes that `cameras` cameras show. */
export async function loadScenes(cameras: number, options: SceneOptions = {}): Promise<readonly Scene[]> {
  const { video = 'h264', mainClip } = options;
  const sound = options.sound === undefined ? undefined : await loadSound(options.sound);
  const replacement = mainClip === undefined ? undefined : await loadClip(mainClip.file, mainClip.fps);
  const other = video === 'h264' ? undefined : await otherClips(video);
  return Promise.all(
    SCENES.slice(0, cameras).map(async (name) => ({
      name: name.toUpperCase(),
      clips: {
        main: replacement ?? other?.main ?? (await loadClip(clipFile(`${name}-main.h264`), MAIN_FPS)),
        sub: other?.sub ?? (await loadClip(clipFile(`${name}-sub.h264`), SUB_FPS)),
      },
      sound,
      snapshotFile: clipFile(`${name}.jpg`),
    })),
  );
}

async function otherClips(video: 'h265' | 'mjpeg'): Promise<Scene['clips']> {
  if (video === 'mjpeg') {
    const clip = await loadJpegClip(clipFile('gate.mjpeg'), MAIN_FPS, { width: 480, height: 272 });
    return { main: clip, sub: clip };
  }
  return {
    main: await loadH265Clip(clipFile('gate-main.h265'), MAIN_FPS, { width: 1280, height: 720 }),
    sub: await loadH265Clip(clipFile('gate-sub.h265'), SUB_FPS, { width: 320, height: 180 }),
  };
}

function clipFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/clips/${name}`, import.meta.url));
}
