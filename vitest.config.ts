import { defineConfig } from 'vitest/config';
import { ReportWithErrors } from './scripts/vitest/report-with-errors.ts';
import { SkippedReporter } from './scripts/vitest/skipped-reporter.ts';

// A machine-readable report of the run is written where a continuous build asks for it.
const report = process.env.SPIKEWIRE_TEST_REPORT;

/**
 * What takes minutes: faults and kills, clusters, fuzzing, demos, a simulated board, pages and editors in a browser, new
 * kinds, conversions, bench suites, what is written for people, and a whole release. `npm run test:long`.
 */
const LONG = [
  'test/{bench,board,faults}/**/*.test.ts',
  'test/fleet/{cluster,load}.test.ts',
  'test/{boards/nengofpga/minute,fpga/{board,mutations},fuzz/campaign}.test.ts',
  'test/e2e/dashboard{,-monitors,-teach}.test.ts',
  'test/e2e/{convert,demo,engine-in-browser,fleet-page{,-served},guide,mill-demo,mill-page,picture,train-recordings}.test.ts',
  'test/e2e/node-red-{classify,dashboard,demo-command,editor,examples,forms,help,process,topics,vibration}.test.ts',
  'test/package/{newcomer,one-file,release}.test.ts',
];

/** The same on every release of Node: computation, training, and checks of the repository itself. */
const ONE_RELEASE = [
  '{models,engine,exchange,trainer,studies}/src/**/*.test.ts',
  'test/{boards,conformance,fpga,golden,fuzz,learning,mutation,neurons,structures}/**/*.test.ts',
  'test/e2e/{eval,onnx,train,train-features,train-teach}.test.ts',
  'test/package/{build,dependency-rules,device-path,folder-circles,formats,publish}.test.ts',
  'test/package/{reference,repository,words,zoo}.test.ts',
];

/** Computation that shows on each release that its JavaScript and WebAssembly give the same numbers. */
const EVERY_RELEASE = ['test/conformance/{clocked,engines,executors,learned-state}.test.ts', 'test/kept/**/*.test.ts'];

const NEVER = ['**/node_modules/**', '**/dist/**'];
const MINUTES = 60_000;

export default defineConfig({
  test: {
    globalSetup: 'scripts/vitest/current-modules.ts',
    setupFiles: 'scripts/vitest/seed.ts',
    reporters: ['default', new SkippedReporter(), ...(report ? [new ReportWithErrors({ outputFile: report })] : [])],
    // A page or another process answers late where the machine is busy.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{runtime,nodes,devices,fleet,demo}/src/**/*.test.ts', ...EVERY_RELEASE],
          exclude: NEVER,
          maxWorkers: 2,
          testTimeout: MINUTES,
          hookTimeout: MINUTES,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Nothing here changes what another file sees, so all files of a worker share their modules: half a second
        // each.
        extends: true,
        test: {
          name: 'one-release',
          include: ONE_RELEASE,
          exclude: [...LONG, ...EVERY_RELEASE, ...NEVER],
          isolate: false,
          maxWorkers: 2,
          testTimeout: 3 * MINUTES,
          hookTimeout: 3 * MINUTES,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // These start brokers, browsers and other processes of their own, and wait for them for half of their time:
        // three files at once, after the others, keep two cores busy.
        extends: true,
        test: {
          name: 'system',
          include: ['test/{boards,e2e,fleet,package}/**/*.test.ts'],
          exclude: [...LONG, ...ONE_RELEASE, ...NEVER],
          maxWorkers: 3,
          testTimeout: 3 * MINUTES,
          hookTimeout: 3 * MINUTES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Before and beside those of `system`, which are shorter: no core waits for the last.
        extends: true,
        test: {
          name: 'long',
          include: LONG,
          exclude: NEVER,
          maxWorkers: 3,
          testTimeout: 3 * MINUTES,
          hookTimeout: 3 * MINUTES,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
