import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { ensureDashboard } from '../dashboard-build.ts';
import { ensureDebianPackages, TEST_NEEDS } from '../debian-packages.ts';

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const bin = (path: string) => join(REPOSITORY, 'node_modules', path);
const STEPS = ['types', 'lint', 'unit', 'contract', 'integration', 'e2e'] as const;
type Step = (typeof STEPS)[number];

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function testCommand(): Command {
  return new Command('test')
    .description('everything that continuous integration runs, or the named steps of it')
    .addArgument(new Argument('[steps...]', 'which steps').choices(STEPS))
    .action(async (steps: Step[]) => {
      const wanted = steps.length === 0 ? STEPS : STEPS.filter((step) => steps.includes(step));
      const say = (line: string) => console.log(`vedette: ${line}`);
      if (wanted.includes('integration') || wanted.includes('e2e') || wanted.includes('contract')) {
        ensureDebianPackages(TEST_NEEDS, say);
      }
      if (wanted.includes('e2e')) await ensureDashboard(say);
      let total: Count = { passed: 0, failed: 0, skipped: 0 };
      for (const step of wanted) {
        const startedAt = performance.now();
        const count = await run(step);
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        say(
          `${step}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)`,
        );
        total = {
          passed: total.passed + count.passed,
          failed: total.failed + count.failed,
          skipped: total.skipped + count.skipped,
        };
      }
      console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
      process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
    });
}

/** Type check and lint count as one test for each program that runs. */
async function run(step: Step): Promise<Count> {
  switch (step) {
    case 'types':
      return sum([
        await check([bin('typescript/bin/tsc'), '-p', 'tsconfig.json']),
        await check([bin('typescript/bin/tsc'), '-p', 'packages/player/tsconfig.json']),
        await check([bin('typescript/bin/tsc'), '-p', 'apps/dashboard/tsconfig.json']),
      ]);
    case 'lint':
      return check([bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']);
    default:
      return vitest(step);
  }
}

function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }));
}

async function check(args: readonly string[]): Promise<Count> {
  const code = await node(args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function vitest(project: string): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-test-'));
  try {
    const report = join(folder, 'report.json');
    const args = [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      // They wait more than they work, but each starts processes of its own.
      ...(project === 'integration' ? ['--maxWorkers=2'] : []),
      `--outputFile.json=${report}`,
    ];
    const code = await node([bin('vitest/vitest.mjs'), ...args]);
    const result = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const failed = result['numFailedTests'] ?? 0;
    return {
      passed: result['numPassedTests'] ?? 0,
      // A file that could not even be loaded has no failed test, yet it failed.
      failed: failed === 0 && code !== 0 ? Math.max(1, result['numFailedTestSuites'] ?? 1) : failed,
      skipped: (result['numPendingTests'] ?? 0) + (result['numTodoTests'] ?? 0),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function node(args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
