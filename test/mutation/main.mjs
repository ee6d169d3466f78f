/**
 * Changes the sources in small ways and looks whether the tests notice: `npm run mutations -- [--seed 1] [--count 200]
 * [--package engine] [--resume] [--survivors] [--long] [--seconds 60] [--json]`. A mutation is killed where a test
 * fails that reaches its file by imports; the nearest tests come first, and after `--seconds` no more begin. `--resume`
 * continues what was interrupted, `--survivors` judges again what survived without a reason, `--long` also by tests
 * that take minutes, `--at <file>:<line>` judges the mutations of one line without writing results. Results go to
 * results.jsonl and RESULTS.md in this folder, reasons of survivors come from reasons.json. Ends with 1 where a
 * mutation survives without a reason.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withCopy } from './copy.mjs';
import { keyOf, MutationSites } from './draw.mjs';
import { Judge } from './judge.mjs';
import { ImportGraph, testFiles } from './reach.mjs';
import { page, reasonOf, unexplained } from './report.mjs';
import { Results } from './results.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (name) => join(root, 'test/mutation', name);

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200' },
    package: { type: 'string' },
    resume: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    long: { type: 'boolean', default: false },
    at: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const seed = Number(options.seed);
const reasons = JSON.parse(readFileSync(here('reasons.json'), 'utf8'));
let isStopped = false;
// The mutation at hand is still judged, so that the copy is removed.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    isStopped = true;
  });
}

const sites = new MutationSites(root, options.package);
const graph = new ImportGraph(root);
const tests = testFiles(root, options);
const survivors = await withCopy(root, (copy) => {
  const judge = new Judge(copy);
  return options.at === undefined ? judgeMany(judge) : judgeLine(judge, ...options.at.split(':'));
});
process.exitCode = survivors === 0 ? 0 : 1;

async function judgeMany(judge) {
  const commit = execFileSync('git', ['log', '-1', '--format=%s'], { cwd: root, encoding: 'utf8' }).trim();
  const drawn = { seed, package: options.package, commit };
  const results = new Results(here('results.jsonl'), drawn, options.resume || options.survivors);
  const judged = new Set();
  for (const [number, mutation] of options.survivors ? survived(results) : drawnOnes(results)) {
    await take(judge, results, number, mutation);
    judged.add(number);
    if (isStopped) break;
  }
  if (!isStopped) await confirm(judge, results, ({ number }) => !options.survivors || judged.has(number));
  writeFileSync(here('RESULTS.md'), page(results, reasons));
  return unexplained(results.all, reasons).length;
}

async function take(judge, results, number, mutation, exceptFiles) {
  const judged = { number, ...(await judgedBy(judge, mutation, exceptFiles)) };
  results.add(judged);
  say(judged);
}

/** What was killed by a test that fails on this machine anyway is judged again without that file. */
async function confirm(judge, results, isAsked) {
  const killed = results.all.filter((judged) => judged.outcome === 'killed' && isAsked(judged));
  const unsound = await judge.unsound(killed.map(({ by }) => by));
  const files = new Set([...unsound].map((by) => by.split(' > ')[0]));
  for (const judged of killed.filter(({ by }) => unsound.has(by))) {
    const [mutation] = sites.ofFile(judged.file, (each) => keyOf(each) === keyOf(judged));
    await take(judge, results, judged.number, mutation, files);
  }
}

function* drawnOnes(results) {
  for (let number = 0; number < Number(options.count); number++) {
    if (!results.has(number)) yield [number, sites.draw(seed, number, results.keys)];
  }
}

/** Also where other lines of the file have changed since. */
function* survived(results) {
  for (const { number, ...judged } of unexplained(results.all, reasons)) {
    const [again] = sites.ofFile(judged.file, (mutation) => keyOf(mutation) === keyOf(judged));
    if (again !== undefined) yield [number, again];
  }
}

async function judgeLine(judge, file, line) {
  let count = 0;
  for (const mutation of sites.ofFile(file, (each) => each.line === Number(line))) {
    const judged = await judgedBy(judge, mutation);
    say(judged);
    if (judged.outcome === 'survived') count += unexplained([judged], reasons).length;
  }
  return count;
}

async function judgedBy(judge, mutation, exceptFiles = []) {
  const first = reasonOf(mutation, reasons)?.test ?? [];
  const reaching = new Set([first, graph.testsOf(mutation.file, tests)].flat());
  for (const test of exceptFiles) reaching.delete(test);
  const { text: _, ...place } = mutation;
  return { ...place, ...(await judge.judge(mutation, [...reaching], Number(options.seconds))), of: reaching.size };
}

function say({ number, file, line, before, after, outcome, by, seconds, ...rest }) {
  if (options.json) {
    console.log(JSON.stringify({ number, file, line, before, after, outcome, by, seconds, ...rest }));
    return;
  }
  const place = `${number === undefined ? '' : `${number} `}${file}:${line}`;
  console.log(`${outcome} in ${seconds} s: ${place}\n  ${before}\n  ${after}${by === undefined ? '' : `\n  by ${by}`}`);
}
