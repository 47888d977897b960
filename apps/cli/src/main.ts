// The command line: flags in, one command run, an exit code out. Each command is a file in commands/.
import { SettingsError } from '@vedette/runtime';
import { Command } from 'commander';
import { auditCommand } from './commands/audit.ts';
import { benchCommand } from './commands/bench.ts';
import { camerasCommand } from './commands/cameras.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { keysCommand } from './commands/keys.ts';
import { nodesCommand } from './commands/nodes.ts';
import { controlCommand, nodeCommand } from './commands/one-process.ts';
import { simCommand } from './commands/sim.ts';
import { startCommand } from './commands/start.ts';
import { testCommand } from './commands/test.ts';

const program = new Command('vedette')
  .description('Live video from a thousand cameras in a browser, first picture at once.')
  .version('0.1.0')
  .showHelpAfterError('(run "vedette help" for the commands)')
  .addCommand(demoCommand())
  .addCommand(startCommand())
  .addCommand(controlCommand())
  .addCommand(nodeCommand())
  .addCommand(simCommand())
  .addCommand(camerasCommand())
  .addCommand(nodesCommand())
  .addCommand(auditCommand())
  .addCommand(keysCommand())
  .addCommand(doctorCommand())
  .addCommand(testCommand())
  .addCommand(benchCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(`vedette: ${error instanceof Error ? error.message : String(error)}`);
  if (!(error instanceof SettingsError) && process.env['VEDETTE_LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = error instanceof SettingsError ? 2 : 1;
}
