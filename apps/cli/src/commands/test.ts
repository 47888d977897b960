import { constants } from 'node:os';
import { Argument, Command } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { ensureDebianPackages, TEST_NEEDS } from '../debian-packages.ts';
import { Programs } from '../test-run/programs.ts';
import { makeRunFolder } from '../test-run/run-folder.ts';
import { type Count, runStep, STEPS, type Step, sum } from '../test-run/run-step.ts';

/** They need the processor, which the integration tests mostly leave alone: those go first, and these take what is left. */
const BESIDE_INTEGRATION: readonly Step[] = ['types', 'lint', 'unit'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const say = (line: string) => console.log(`vedette: ${line}`);

export function testCommand(): Command {
  return new Command('test')
    .description('everything that continuous integration runs, or the named steps of it')
    .addArgument(new Argument('[steps...]', 'which steps').choices(STEPS))
    .action(async (steps: Step[]) => {
      const wanted = steps.length === 0 ? STEPS : STEPS.filter((step) => steps.includes(step));
      if (wanted.includes('integration') || wanted.includes('e2e') || wanted.includes('contract')) {
        ensureDebianPackages(TEST_NEEDS, say);
      }
      // Once here, rather than by each demo that is started.
      if (wanted.includes('integration') || wanted.includes('e2e')) await ensureDashboard(say);
      const stop = new AbortController();
      const onSignal = (signal: NodeJS.Signals) => stop.abort(signal);
      for (const signal of SIGNALS) process.once(signal, onSignal);
      const folder = makeRunFolder();
      try {
        const total = await runAll(wanted, folder.path, stop.signal);
        console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
        process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
      } catch (error) {
        const ended = SIGNALS.find((signal) => signal === stop.signal.reason);
        if (ended === undefined) throw error;
        say(`ended by ${ended}`);
        process.exitCode = 128 + constants.signals[ended];
      } finally {
        folder.remove();
      }
    });
}

/** Throws when the signal aborts, once everything has ended. */
async function runAll(wanted: readonly Step[], folder: string, signal: AbortSignal): Promise<Count> {
  const programs = new Programs({ signal, temporaryFolder: folder });
  const together = wanted.includes('integration');
  const inBackground = (step: Step) => together && BESIDE_INTEGRATION.includes(step);
  const inTurn = async (steps: readonly Step[]) => {
    const counts: Count[] = [];
    for (const step of steps) {
      const startedAt = performance.now();
      const count = await runStep(step, { programs, folder, inBackground: inBackground(step) });
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`${step}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)`);
      counts.push(count);
    }
    return sum(counts);
  };
  const lanes = await Promise.allSettled([
    inTurn(wanted.filter(inBackground)),
    inTurn(wanted.filter((step) => !inBackground(step) && step !== 'e2e')),
  ]);
  signal.throwIfAborted();
  const before = lanes.map((lane) => {
    if (lane.status === 'rejected') throw lane.reason;
    return lane.value;
  });
  return sum([...before, await inTurn(wanted.filter((step) => step === 'e2e'))]);
}
