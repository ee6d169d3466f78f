import { defineConfig } from 'vitest/config';
import { ReportWithErrors } from './scripts/vitest/report-with-errors.ts';
import { SkippedReporter } from './scripts/vitest/skipped-reporter.ts';

// A machine-readable report of the run is written where a continuous build asks for it.
const report = process.env.SPIKEWIRE_TEST_REPORT;

/** Minutes of kills, of demos, a day of faults and of fuzzing, whose outcome does not depend on the release of Node. */
const LONG = [
  'test/faults/{*-kill,day}.test.ts',
  'test/fuzz/campaign.test.ts',
  'test/e2e/node-red-demo-command.test.ts',
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
          include: ['*/src/**/*.test.ts', 'test/{conformance,golden,fuzz,learning,neurons,structures}/**/*.test.ts'],
          exclude: [...LONG, '**/node_modules/**'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // These start brokers, browsers and other processes of their own: one file at a time, after the unit tests, so
        // that on two cores a slow file neither starves the others nor runs into its own time limits.
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{conformance,golden,fuzz,learning,neurons,structures}/**', ...LONG, '**/node_modules/**'],
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A page or another process answers late where the machine is busy.
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real processes killed again and again, a whole demo in Node-RED, and a campaign of the fuzzer.
        extends: true,
        test: {
          name: 'long',
          include: LONG,
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
