// Usage: count-tests.mjs NAME=REPORT… Prints, for each run of the tests that left vitest's JSON report, its counts, its
// minutes by suite and by file over a minute, and what failed; at last `N passed, N failed, N skipped` of all together.
// A file that could not be run at all counts as one failed test, and so does a run that left no report. Where
// REPORT.again is there, the files of that second try count instead of the same files of the first, and are named.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { failuresOf, readReport } from './report.mjs';

const say = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const minutes = (milliseconds) => `${(milliseconds / 60_000).toFixed(1)} min`;
const NO_REPORT = { count: { passed: 0, failed: 1, skipped: 0 }, times: [], failures: [], repeats: [] };
const total = { passed: 0, failed: 0, skipped: 0 };

for (const argument of process.argv.slice(2)) {
  const [, name, path] = /^([^=]*)=(.*)$/.exec(argument);
  const run = existsSync(path) ? readRun(path) : NO_REPORT;
  console.log(`${name}: ${run === NO_REPORT ? 'left no report' : say(run.count)}`);
  for (const [suite, time] of sumBySuite(run.times)) console.log(`  ${minutes(time).padStart(9)}  ${suite}`);
  for (const { file, time } of run.times)
    if (time > 60_000) console.log(`  ${minutes(time).padStart(9)}  ${file} alone`);
  for (const failure of run.repeats) console.log(`  failed at first, tried again: ${failure}`);
  for (const failure of run.failures) console.log(`  failed: ${failure}`);
  for (const key of Object.keys(total)) total[key] += run.count[key];
}
console.log(say(total));

function readRun(path) {
  const first = readReport(path);
  const again = existsSync(`${path}.again`) ? readReport(`${path}.again`) : [];
  const repeated = new Map(again.map((result) => [result.name, result]));
  const results = first.map((result) => repeated.get(result.name) ?? result);
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of results) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed++;
    for (const test of assertionResults)
      count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++;
  }
  const root = commonFolder(first.map(({ name }) => name));
  const times = first.map(({ name, startTime, endTime }) => ({
    file: relative(root, name),
    time: endTime - startTime,
  }));
  const named = (result) => failuresOf(result).map((failure) => `${relative(root, result.name)}: ${failure}`);
  return {
    count,
    times,
    failures: results.flatMap(named),
    repeats: first.filter(({ name }) => repeated.has(name)).flatMap(named),
  };
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
