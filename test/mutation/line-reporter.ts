import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * A line on stdout as soon as a test has ended: `passed` or `failed`, the file, the name of the test, and the first
 * line of its error. A file that does not load is a line without a name.
 */
export class LineReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    say(state === 'failed' ? 'failed' : 'passed', test.module.relativeModuleId, test.fullName, errors?.[0]?.message);
  }

  onTestModuleEnd(module: TestModule): void {
    const doesNotLoad = module.state() === 'failed' && [...module.children.allTests('failed')].length === 0;
    say(doesNotLoad ? 'failed' : 'ended', module.relativeModuleId, '', module.errors()[0]?.message);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly { message: string }[]): void {
    if (errors.length > 0) say('failed', 'outside of tests', '', errors[0]?.message);
  }
}

function say(state: string, file: string, name: string, error = ''): void {
  const words = [state, file, name, error.split('\n')[0]!.slice(0, 200)];
  process.stdout.write(`${words.map((word) => word.replaceAll(/\s+/g, ' ')).join('\t')}\n`);
}
