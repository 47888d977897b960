import { defineConfig } from 'vitest/config';

const everywhere = ['tests/support/ends-with-its-run.ts'];
/** These start real processes and hold them to times: on a machine that others use too, one bad moment is not a bug. */
const slow = { testTimeout: 60_000, hookTimeout: 60_000, retry: 1, setupFiles: everywhere };

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
          include: ['tests/e2e/**/*.test.ts'],
          ...slow,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
