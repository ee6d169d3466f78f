// Usage: count-tests.mjs NAME=REPORT… Prints, for each run of the tests that left vitest's JSON report, its counts, its
// minutes by suite and by file over a minute, and what failed; at last `N passed, N failed, N skipped` of all together.
// A file that could not be run at all counts as one failed test, and so do an error outside of all files, a run that
// left no report, and a check (a word without `=`), which is here because it failed. Where REPORT.again is there, the
// files of that second try count instead of the same files of the first; what was tried again is listed in red before
// the last line.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { failuresOf, readReport } from './report.mjs';

const say = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const red = (line) => `\x1b[31m${line}\x1b[0m`;
const minutes = (milliseconds) => `${(milliseconds / 60_000).toFixed(1)} min`;
const NO_REPORT = { count: { passed: 0, failed: 1, skipped: 0 }, times: [], failures: [], repeats: [] };
const total = { passed: 0, failed: 0, skipped: 0 };
const repeats = [];

for (const argument of process.argv.slice(2)) {
  const [name, path] = argument.split('=', 2);
  if (path === undefined) {
    console.log(`failed: ${name}`);
    total.failed++;
    continue;
  }
  const run = existsSync(path) ? readRun(path) : NO_REPORT;
  console.log(`${name}: ${run === NO_REPORT ? 'left no report' : say(run.count)}`);
  for (const [suite, time] of sumBySuite(run.times)) console.log(`  ${minutes(time).padStart(9)}  ${suite}`);
  for (const { file, time } of run.times)
    if (time > 60_000) console.log(`  ${minutes(time).padStart(9)}  ${file} alone`);
  repeats.push(...run.repeats.map((failure) => `${name}: ${failure}`));
  for (const failure of run.failures) console.log(`  failed: ${failure}`);
  for (const key of Object.keys(total)) total[key] += run.count[key];
}
for (const failure of repeats) console.log(red(`failed at first, tried again: ${failure}`));
console.log(say(total));

function readRun(path) {
  const first = readReport(path);
  const again = existsSync(`${path}.again`) ? readReport(`${path}.again`) : undefined;
  const repeated = new Set(again?.files.map(({ name }) => name));
  const results = [...first.files.filter(({ name }) => !repeated.has(name)), ...(again?.files ?? [])];
  const { errors } = again ?? first;
  const count = { passed: 0, failed: errors.length, skipped: 0 };
  for (const { status, assertionResults } of results) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) count.failed++;
    for (const test of assertionResults)
      count[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++;
  }
  const root = commonFolder(first.files.map(({ name }) => name));
  const times = first.files.map(({ name, startTime, endTime }) => ({
    file: relative(root, name),
    time: endTime - startTime,
  }));
  const named = (result) => failuresOf(result).map((failure) => `${relative(root, result.name)}: ${failure}`);
  return {
    count,
    times,
    failures: [...errors, ...results.flatMap(named)],
    repeats: again ? [...first.errors, ...first.files.flatMap(named)] : [],
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
