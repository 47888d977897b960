import { Command, InvalidArgumentError } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { importDemoCameras } from '../demo-cameras.ts';
import { firstAdministrator } from '../first-administrator.ts';
import { runSystem } from '../run-system.ts';
import { ALL_FLAGS, addSettingFlags, settingsFrom } from '../setting-flags.ts';

/** The simulated cameras listen on loopback only, so that their password is no secret. */
const SIMULATOR = { username: 'demo', password: 'demo-camera' };
const DEMO_DEFAULTS = {
  bind: '127.0.0.1',
  sourceNetworks: ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

export function demoCommand(): Command {
  const command = new Command('demo')
    .description('control, one media node and simulated cameras, ready to look at')
    .option('--cameras <number>', 'how many simulated cameras', cameraCount, 9);
  addSettingFlags(command, [...ALL_FLAGS, 'simPort']).action(async (options: { cameras: number }) => {
    const { cameras, ...rest } = options;
    const settings = settingsFrom(rest, { ...DEMO_DEFAULTS, expectedCameras: cameras });
    const say = (line: string) => console.log(`vedette: ${line}`);
    const startedAt = performance.now();
    say(`starting control, a media node and ${cameras} simulated cameras ...`);
    await runSystem(
      { settings, simulator: { cameras, ...SIMULATOR }, logs: 'files' },
      {
        prepare: () => ensureDashboard(say),
        whenListening: (system, signal) => importDemoCameras({ system, cameras, ...SIMULATOR, signal }),
        whenReady: async (system) => {
          const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
          console.log(`
  Vedette is ready (${seconds} s)

  open      ${system.address}
  ${firstAdministrator(settings).replaceAll('\n', '\n  ')}

  cameras   ${cameras} simulated, faults on request at http://127.0.0.1:${settings.simPort}
  logs      ${settings.dataDir}/logs

  Ctrl-C ends everything.
`);
        },
      },
    );
  });
  return command;
}

function cameraCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new InvalidArgumentError('a whole number from 1 to 1000');
  return count;
}
