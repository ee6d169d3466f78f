import { defineConfig } from 'vitest/config';
import { ReportWithErrors } from './scripts/vitest/report-with-errors.ts';
import { SkippedReporter } from './scripts/vitest/skipped-reporter.ts';

// A machine-readable report of the run is written where a continuous build asks for it.
const report = process.env.SPIKEWIRE_TEST_REPORT;

/**
 * Faults and kills, fuzzing, demos, a simulated board, pages and editors in a browser, new kinds, conversions, bench
 * suites, and what is written for people: minutes of tests, whose outcome does not depend on the release of Node.
 */
const ONE_RELEASE = [
  'test/{bench,board,faults}/**/*.test.ts',
  'test/fuzz/campaign.test.ts',
  'test/e2e/{convert,dashboard,demo,engine-in-browser,guide,mill-demo,picture,train-recordings}.test.ts',
  'test/e2e/node-red-{classify,dashboard,demo-command,editor,examples,forms,help,process,topics,vibration}.test.ts',
  'test/package/{newcomer,one-file}.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: 'scripts/vitest/current-modules.ts',
    setupFiles: 'scripts/vitest/seed.ts',
    reporters: ['default', new SkippedReporter(), ...(report ? [new ReportWithErrors({ outputFile: report })] : [])],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['*/src/**/*.test.ts', 'test/{conformance,golden,fuzz,learning,neurons,structures,kept}/**/*.test.ts'],
          exclude: [...ONE_RELEASE, '**/node_modules/**'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // These start brokers, browsers and other processes of their own, and wait for them for half of their time: two
        // files at once, after the unit tests, keep two cores busy, and leave a slow one far from its time limit.
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/{conformance,golden,fuzz,learning,neurons,structures,kept}/**',
            ...ONE_RELEASE,
            '**/node_modules/**',
          ],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A page or another process answers late where the machine is busy.
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        // One of them is enough. Beside and before those of `system`, which are shorter: no core waits for the last.
        extends: true,
        test: {
          name: 'one-release',
          include: ONE_RELEASE,
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
