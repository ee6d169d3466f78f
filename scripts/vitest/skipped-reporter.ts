import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { absent } from '../../test/services.ts';

const NO_REASON = 'no reason given';
/** Words of a command that runs whole projects of vitest.config.ts. */
const WHOLE = new Set(['run', '--project', 'unit', 'one-release', 'system', 'long']);

/**
 * Begins a run of all tests with what this machine lacks, and ends each run with the number of skipped tests and the
 * reasons, so that a green run cannot hide what it did not look at. Where `SPIKEWIRE_REQUIRE` lists services
 * (`mosquitto,chromium`), the machine is expected to have them: a test that was skipped for want of one of them, or
 * without a reason, fails the run.
 */
export class SkippedReporter implements Reporter {
  readonly #required = (process.env.SPIKEWIRE_REQUIRE ?? '').split(',').filter((service) => service !== '');

  onInit(): void {
    const isWhole = process.argv.slice(2).every((word) => WHOLE.has(word));
    if (!isWhole) return;
    const missing = absent();
    console.log('npm test takes about ten minutes on two idle cores, npm run test:long about ten more.');
    if (missing.length > 0) console.log(`Not on this machine, so that tests are skipped: ${missing.join(', ')}.`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const reasons = new Map<string, number>();
    for (const test of skipped) reasons.set(reasonOf(test), (reasons.get(reasonOf(test)) ?? 0) + 1);
    console.log(`${skipped.length} skipped:`);
    for (const [reason, count] of reasons) console.log(`  ${count} × ${reason}`);
    if (this.#required.length === 0) return;
    const unexcused = [...reasons.keys()].filter((reason) => this.#isUnexcused(reason));
    if (unexcused.length === 0) return;
    console.error(`SPIKEWIRE_REQUIRE=${this.#required} does not allow these to be skipped: ${unexcused.join('; ')}`);
    process.exitCode = 1;
  }

  #isUnexcused(reason: string): boolean {
    return reason.startsWith(NO_REASON) || this.#required.some((service) => reason.includes(service));
  }
}

function reasonOf(test: TestCase): string {
  if (test.parent.errors().length > 0) return `its set-up failed: ${test.module.relativeModuleId}`;
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  return `${NO_REASON}: ${test.module.relativeModuleId}`;
}
