/**
 * Fuzzes everything that comes from outside: `node test/fuzz/run.mjs --cases 1000000 [--threads 2] [--seed 1]
 * [--seconds 60] [--only networks] [--case 1234] [--json]`. Every case must end in time with success or a
 * SpikewireError of one short line. Ends with 1 where one does not, and says how to have it again. The slope of memory
 * is that of the process after a third of the cases.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    case: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/**
 * A case that takes this long hangs, on any machine: making the tables of flow takes seconds, any other case
 * milliseconds.
 */
const HANG_SECONDS = 120;
const LOOK_SECONDS = 1;
/** Different problems after which a campaign ends. */
const MOST_FINDS = 20;

const single = options.case !== undefined;
const threads = single ? 1 : Number(options.threads);
const cases = single ? 1 : options.cases === undefined ? Number.MAX_SAFE_INTEGER / 1024 : Number(options.cases);
const seconds = options.seconds === undefined ? ((options.cases ?? single) ? undefined : 60) : Number(options.seconds);

const start = performance.now();
const finds = new Map();
const tallies = [];
const memory = [];
const workers = Array.from({ length: threads }, (_, k) => startThread(k));
const look = setInterval(watch, 1000 * LOOK_SECONDS);
await Promise.all(workers.map(({ ended }) => ended));
clearInterval(look);
report();

function startThread(k) {
  const progress = new SharedArrayBuffer(16);
  const worker = new Worker(new URL('./campaign.mjs', import.meta.url), {
    workerData: {
      seed: options.seed,
      only: options.only,
      first: single ? Number(options.case) : k,
      stride: single ? 1 : threads,
      cases: Math.ceil(cases / threads),
      seconds,
      progress,
    },
  });
  const thread = { worker, at: new BigInt64Array(progress), done: 0n, since: performance.now() };
  worker.on('message', ({ find, tally }) => {
    if (find !== undefined) found(find);
    if (tally !== undefined) tallies.push(tally);
  });
  thread.ended = new Promise((resolve) => {
    worker.on('error', (problem) =>
      found({ number: Number(thread.at[0]), target: 'thread', problem: String(problem.stack) }),
    );
    worker.on('exit', resolve);
  });
  return thread;
}

/** The same problem at the same place counts once. */
function found({ number, target, problem }) {
  const key = problem.split('\n').slice(0, 3).join('\n').replaceAll(/\d+/g, '#');
  const known = finds.get(key);
  if (known !== undefined) {
    known.times++;
    return;
  }
  finds.set(key, { number, target, problem, times: 1 });
  // Which target a number stands for depends on the number of threads.
  const alone = target === 'thread' || target === 'unknown' ? options.only : target;
  console.error(
    `case ${number} (${target}), again by --seed ${options.seed} --case ${number}${alone === undefined ? '' : ` --only "${alone}"`}:\n${problem}\n`,
  );
  if (finds.size >= MOST_FINDS) for (const { worker } of workers) void worker.terminate();
}

function watch() {
  const done = workers.reduce((sum, { at }) => sum + Number(at[1]), 0);
  memory.push([done, process.memoryUsage.rss()]);
  for (const thread of workers) {
    const now = performance.now();
    if (thread.at[1] !== thread.done) Object.assign(thread, { done: thread.at[1], since: now });
    else if (now - thread.since > 1000 * HANG_SECONDS && tallies.length < threads) {
      found({ number: Number(thread.at[0]), target: 'unknown', problem: `hangs: no end within ${HANG_SECONDS} s` });
      void thread.worker.terminate();
    }
  }
}

/**
 * Least squares of resident memory over cases, without the first third, in which code is compiled and heaps find their
 * size.
 */
function slope() {
  const rows = memory.slice(Math.floor(memory.length / 3));
  if (rows.length < 3) return Number.NaN;
  const mean = (column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
  const [x, y] = [mean(0), mean(1)];
  const [xy, xx] = rows.reduce(([a, b], row) => [a + (row[0] - x) * (row[1] - y), b + (row[0] - x) ** 2], [0, 0]);
  return xy / xx;
}

function report() {
  const sum = (pick) => tallies.reduce((total, tally) => total + pick(tally), 0);
  const merged = (key, add) => {
    const all = {};
    for (const tally of tallies)
      for (const [name, value] of Object.entries(tally[key])) all[name] = add(all[name], value);
    return all;
  };
  const result = {
    seed: Number(options.seed),
    cases: sum((tally) => tally.cases),
    accepted: sum((tally) => tally.accepted),
    refused: merged('refused', (a = 0, b) => a + b),
    byTarget: merged('byTarget', (a = { cases: 0, accepted: 0 }, b) => ({
      cases: a.cases + b.cases,
      accepted: a.accepted + b.accepted,
    })),
    finds: finds.size,
    seconds: Math.round((performance.now() - start) / 1000),
    largestMemory: Math.max(0, ...memory.map(([, bytes]) => bytes)),
    bytesPerCase: slope(),
  };
  if (options.json) console.log(JSON.stringify(result));
  else print(result);
  process.exitCode = finds.size === 0 && tallies.length === threads ? 0 : 1;
}

function print({ byTarget, refused, ...result }) {
  console.log(`${result.cases} cases in ${result.seconds} s, ${result.accepted} accepted, ${result.finds} finds`);
  for (const [name, { cases: count, accepted }] of Object.entries(byTarget))
    console.log(`  ${name}: ${count}, ${accepted} accepted`);
  console.log(
    `refused: ${Object.entries(refused)
      .map(([code, count]) => `${count} ${code}`)
      .join(', ')}`,
  );
  console.log(
    `memory at most ${(result.largestMemory / 1e6).toFixed(0)} MB, ${result.bytesPerCase.toFixed(2)} bytes per case`,
  );
}
