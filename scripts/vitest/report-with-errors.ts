import { JsonReporter, type SerializedError, type TestModule } from 'vitest/node';

/**
 * vitest's JSON report, and in it the errors outside of tests: they fail a run in which every test has passed. Each has
 * the file that ran at that time, where one did.
 */
export class ReportWithErrors extends JsonReporter {
  #errors: { message: string; file: unknown }[] = [];

  override async onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[] = []): Promise<void> {
    this.#errors = errors.map(({ message, VITEST_TEST_PATH: file }) => ({ message, file }));
    await super.onTestRunEnd([...modules]);
  }

  override async writeReport(report: string): Promise<void> {
    await super.writeReport(JSON.stringify({ ...JSON.parse(report), errors: this.#errors }));
  }
}
