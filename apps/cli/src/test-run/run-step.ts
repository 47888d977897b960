import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Programs, REPOSITORY } from './programs.ts';

export const STEPS = ['types', 'lint', 'unit', 'contract', 'integration', 'e2e'] as const;
export type Step = (typeof STEPS)[number];

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface StepEnvironment {
  readonly programs: Programs;
  /** For reports; somebody else removes it. */
  readonly folder: string;
  readonly inBackground: boolean;
}

/** One process, so that the tests beside it have a core left; slower, so that its limits are wider. */
const BESIDE_OTHERS = ['--maxWorkers=1', '--testTimeout=30000', '--hookTimeout=30000'];
const NOTHING: Count = { passed: 0, failed: 0, skipped: 0 };
const bin = (path: string) => join(REPOSITORY, 'node_modules', path);

/** Type check and lint count as one test for each program that runs. */
export async function runStep(step: Step, environment: StepEnvironment): Promise<Count> {
  switch (step) {
    case 'types':
      return sum([
        await check([bin('typescript/bin/tsc'), '-p', 'tsconfig.json'], environment),
        await check([bin('typescript/bin/tsc'), '-p', 'packages/player/tsconfig.json'], environment),
        await check([bin('typescript/bin/tsc'), '-p', 'apps/dashboard/tsconfig.json'], environment),
      ]);
    case 'lint':
      return check([bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'], environment);
    case 'unit':
      return vitest(step, environment, environment.inBackground ? BESIDE_OTHERS : []);
    case 'contract':
      return vitest(step, environment);
    case 'integration':
      // They wait more than they work, but each starts processes of its own.
      return vitest(step, environment, ['--maxWorkers=2']);
    case 'e2e':
      return sum([
        await vitest(step, environment, ['--maxWorkers=2'], { E2E: 'untimed' }),
        await vitest(step, environment, [], { E2E: 'timed' }),
      ]);
  }
}

export function sum(counts: readonly Count[]): Count {
  return counts.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
    }),
    NOTHING,
  );
}

async function check(args: readonly string[], { programs, inBackground }: StepEnvironment): Promise<Count> {
  return (await programs.run(args, { inBackground })) ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

async function vitest(
  project: string,
  { programs, folder, inBackground }: StepEnvironment,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Count> {
  const report = join(mkdtempSync(join(folder, 'report-')), 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [bin('vitest/vitest.mjs'), 'run', '--project', project, ...reporters, ...flags];
  const wentWell = await programs.run(args, { inBackground, env });
  const told = readReport(report);
  if (told === undefined) return { ...NOTHING, failed: 1 };
  const failed = told['numFailedTests'] ?? 0;
  return {
    passed: told['numPassedTests'] ?? 0,
    // A file that could not even be loaded has no failed test, yet it failed.
    failed: failed === 0 && !wentWell ? Math.max(1, told['numFailedTestSuites'] ?? 1) : failed,
    skipped: (told['numPendingTests'] ?? 0) + (told['numTodoTests'] ?? 0),
  };
}

function readReport(path: string): Record<string, number> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
  } catch {
    return undefined;
  }
}
