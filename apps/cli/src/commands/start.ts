import type { Settings } from '@vedette/contracts';
import { SettingsError } from '@vedette/runtime';
import { Command } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { firstAdministrator } from '../first-administrator.ts';
import { runSystem } from '../run-system.ts';
import { ALL_FLAGS, addSettingFlags, settingsFrom } from '../setting-flags.ts';

/** Without one, each machine would make its own at every start, and its node could speak with no other's control. */
function requireNodeToken({ nodeToken, redisUrl }: Settings): void {
  if (redisUrl !== undefined && nodeToken === undefined)
    throw new SettingsError(['nodeToken: is needed where redisUrl is given, the same on every machine']);
}

export function startCommand(): Command {
  const command = new Command('start').description('control and one media node on this machine');
  addSettingFlags(command, ALL_FLAGS).action(async (options: Record<string, unknown>) => {
    const settings = settingsFrom(options);
    requireNodeToken(settings);
    await ensureDashboard((line) => console.error(`vedette: ${line}`));
    await runSystem(
      { settings, logs: 'terminal' },
      {
        whenReady: async (system) => {
          console.error(`\nVedette is ready: ${system.address}\n${firstAdministrator(settings)}\n`);
        },
      },
    );
  });
  return command;
}
