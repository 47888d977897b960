import type { Settings } from '@vedette/contracts';

/** The settings as `VEDETTE_*` variables, so that a child process starts with exactly what its parent checked. */
export function settingsToEnv(settings: Partial<Settings>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    env[`VEDETTE_${name}`] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return env;
}
