import { defineConfig } from 'vitest/config';
import all from '../../vitest.config.ts';
import { LineReporter } from './line-reporter.ts';

/** All projects with one worker; the build has been brought up to date before. */
export default defineConfig({
  test: {
    ...all.test,
    globalSetup: [],
    reporters: [new LineReporter()],
    projects: (all.test?.projects ?? []).map((project) =>
      typeof project === 'object' && 'test' in project
        ? { ...project, test: { ...project.test, maxWorkers: 1, sequence: { groupOrder: 0 } } }
        : project,
    ),
  },
});
