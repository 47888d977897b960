import { Command } from 'commander';
import { ProcessGroup } from '../process-group.ts';

/** `vedette sim`: simulated cameras alone; its flags are the simulator's own. */
export function simCommand(): Command {
  return new Command('sim')
    .description('simulated ONVIF cameras alone (flags: see "vedette sim --help")')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]')
    .action(async (flags: string[]) => {
      await new Promise<void>((resolve, reject) => {
        const group = new ProcessGroup({
          onFatal: (reason) => (flags.includes('--help') ? resolve() : reject(new Error(reason))),
        });
        const stop = () => void group.close().then(resolve);
        process.once('SIGINT', stop);
        process.once('SIGTERM', stop);
        group.start({
          name: 'simulator',
          program: 'simulators/main.ts',
          args: flags,
          env: {},
          output: 'inherit',
        });
      });
    });
}
