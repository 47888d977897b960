import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

/** `vedette bench`: the comparison of bench/run.ts; its flags are that program's own. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure first picture, CPU and memory, beside MediaMTX when MEDIAMTX_BIN names one')
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]')
    .action(async (flags: string[]) => {
      const program = fileURLToPath(new URL('../../../../bench/run.ts', import.meta.url));
      const child = fork(program, flags, { execArgv: ['--disable-warning=ExperimentalWarning'] });
      process.exitCode = await new Promise<number>((resolve) =>
        child.once('exit', (code) => resolve(code ?? 1)),
      );
    });
}
