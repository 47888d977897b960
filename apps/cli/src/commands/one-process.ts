import type { Settings } from '@vedette/contracts';
import { settingsToEnv } from '@vedette/runtime';
import { Command } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { MEDIA_NODE_FLAGS } from '../media-node-flags.ts';
import { ProcessGroup } from '../process-group.ts';
import { addSettingFlags, CONTROL_FLAGS, NODE_FLAGS, settingsFrom } from '../setting-flags.ts';

/** `vedette control`: the control plane alone. */
export function controlCommand(): Command {
  const command = new Command('control').description('the control plane alone: API, dashboard, events');
  return addSettingFlags(command, CONTROL_FLAGS).action(async (options: Record<string, unknown>) => {
    const settings = settingsFrom(options);
    await ensureDashboard((line) => console.error(`vedette: ${line}`));
    await runAlone('control', 'apps/control-plane/src/main.ts', settings);
  });
}

/** `vedette node`: one media node. */
export function nodeCommand(): Command {
  const command = new Command('node').description('one media node: pulls cameras, serves WebRTC and HLS');
  return addSettingFlags(command, NODE_FLAGS).action((options: Record<string, unknown>) =>
    runAlone('node', 'apps/media-node/src/main.ts', settingsFrom(options), MEDIA_NODE_FLAGS),
  );
}

async function runAlone(
  name: string,
  program: string,
  settings: Settings,
  nodeFlags: readonly string[] = [],
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const group = new ProcessGroup({
      onFatal: (reason) => void group.close().then(() => reject(new Error(reason))),
    });
    const stop = () => void group.close().then(resolve);
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    group.start({ name, program, env: settingsToEnv(settings), nodeFlags, output: 'inherit' });
  });
}
