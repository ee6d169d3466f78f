// Usage: count-tests.mjs NAME=REPORT… Prints, for each run of the tests that left vitest's JSON report, its counts and
// its minutes by suite and by file over a minute, and at last `N passed, N failed, N skipped` of all together. A file
// that could not be run at all counts as one failed test, and so does a run that left no report.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const say = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const minutes = (milliseconds) => `${(milliseconds / 60_000).toFixed(1)} min`;
const total = { passed: 0, failed: 0, skipped: 0 };

for (const argument of process.argv.slice(2)) {
  const [, name, path] = /^([^=]*)=(.*)$/.exec(argument);
  const run = existsSync(path) ? readRun(path) : { count: { passed: 0, failed: 1, skipped: 0 }, times: [] };
  console.log(`${name}: ${run.count.failed === 1 && run.times.length === 0 ? 'left no report' : say(run.count)}`);
  for (const [suite, time] of sumBySuite(run.times)) console.log(`  ${minutes(time).padStart(9)}  ${suite}`);
  for (const { file, time } of run.times)
    if (time > 60_000) console.log(`  ${minutes(time).padStart(9)}  ${file} alone`);
  for (const key of Object.keys(total)) total[key] += run.count[key];
}
console.log(say(total));

function readRun(path) {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed++;
    for (const test of assertionResults)
      count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++;
  }
  const root = commonFolder(testResults.map(({ name }) => name));
  const times = testResults.map(({ name, startTime, endTime }) => ({
    file: relative(root, name),
    time: endTime - startTime,
  }));
  return { count, times };
}

/** A suite is a folder of `test/`, or a package. */
function sumBySuite(times) {
  const sums = new Map();
  for (const { file, time } of times) {
    const [first, second] = file.split('/');
    const suite = first === 'test' ? `test/${second}` : first;
    sums.set(suite, (sums.get(suite) ?? 0) + time);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

function commonFolder(paths) {
  let folder = paths[0] ?? '';
  while (!paths.every((path) => path.startsWith(`${folder}/`)) && folder.includes('/'))
    folder = folder.slice(0, folder.lastIndexOf('/'));
  return folder;
}
