import { defineConfig } from 'vitest/config';

const everywhere = ['tests/support/ends-with-its-run.ts'];
/** These start real processes and hold them to times: on a machine that others use too, one bad moment is not a bug. */
const slow = { testTimeout: 60_000, hookTimeout: 60_000, retry: 1, setupFiles: everywhere };

/** These hold pictures to times that a browser beside theirs would spoil: one at a time, and nothing else meanwhile. */
const timed = ['first-picture', 'hls-chromium', 'player', 'wall'].map((name) => `tests/e2e/${name}.test.ts`);
/** `./vedette test` runs the others first, side by side, and then these; otherwise all are in one project. */
const e2e = process.env['E2E'];

export default defineConfig({
  test: {
    globalSetup: ['tests/support/run-folder.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{apps,packages}/*/src/**/*.test.ts',
            'simulators/**/*.test.ts',
            'tests/unit/**/*.test.ts',
          ],
          testTimeout: 10_000,
          setupFiles: [...everywhere, 'tests/support/property-seed.ts'],
          // Files share their modules: most of a unit run would otherwise be imports.
          isolate: false,
        },
      },
      { test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], ...slow } },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/quirks/**/*.test.ts'],
          ...slow,
        },
      },
      {
        test: {
          name: 'e2e',
          include: e2e === 'timed' ? timed : ['tests/e2e/**/*.test.ts'],
          exclude: e2e === 'untimed' ? timed : [],
          ...slow,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: e2e === 'untimed',
          maxConcurrency: 2,
        },
      },
    ],
  },
});
