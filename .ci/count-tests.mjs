// Prints `N passed, N failed, N skipped` from vitest's JSON report. A file that could not be run at all counts as one
// failed test, and so does a run that left no report.
import { existsSync, readFileSync } from 'node:fs';

const count = { passed: 0, failed: 0, skipped: 0 };
const path = process.argv[2];
if (existsSync(path)) {
  for (const { status, assertionResults } of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed++;
    for (const test of assertionResults)
      count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++;
  }
} else {
  count.failed++;
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
