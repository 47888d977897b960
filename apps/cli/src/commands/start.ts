import { Command } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { firstAdministrator } from '../first-administrator.ts';
import { runSystem } from '../run-system.ts';
import { ALL_FLAGS, addSettingFlags, settingsFrom } from '../setting-flags.ts';

export function startCommand(): Command {
  const command = new Command('start').description('control and one media node on this machine');
  addSettingFlags(command, ALL_FLAGS).action(async (options: Record<string, unknown>) => {
    const settings = settingsFrom(options);
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
