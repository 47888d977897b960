import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SettingsError } from '@vedette/runtime';
import { type MediaMtxVersion, OLDEST_VERSION } from './mediamtx-config.ts';

const run = promisify(execFile);
const WITHIN_MS = 10_000;

/** Of a program. Throws SettingsError when it is no MediaMTX, or too old a one. */
export async function programVersion(program: string): Promise<MediaMtxVersion> {
  let said: string;
  try {
    said = (await run(program, ['--version'], { timeout: WITHIN_MS, env: {} })).stdout;
  } catch {
    throw new SettingsError([`mediamtxBin: ${program} cannot be run`]);
  }
  return checkedVersion(said);
}

/** Throws SettingsError when it is too old. */
export function checkedVersion(said: string): MediaMtxVersion {
  const [, major, minor] = /v?(\d+)\.(\d+)/.exec(said) ?? [];
  if (major === undefined || minor === undefined)
    throw new SettingsError(['mediamtxBin: this MediaMTX does not tell its version']);
  const version = { major: Number(major), minor: Number(minor) };
  const { major: oldest, minor: oldestMinor } = OLDEST_VERSION;
  if (version.major < oldest || (version.major === oldest && version.minor < oldestMinor))
    throw new SettingsError([
      `mediamtxBin: MediaMTX ${major}.${minor} is too old, ${oldest}.${oldestMinor} is needed`,
    ]);
  return version;
}
