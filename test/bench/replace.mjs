import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { anomalyModel, writeModel } from 'spikewire';
import { Host } from 'spikewire/host';

export const title =
  'replace: numbered readings at 1,000 a second while one model takes the place of another, again and again';

const RATE = 1000;
/** Seconds between two replacements. */
const EVERY = 0.2;
const THREADS = [0, 1];

/** Two models that read the same and are not the same. */
const models = [1, 2].map((seed) => writeModel(anomalyModel({ channels: [{ name: 'level', unit: 'm' }], seed })));

export async function run({ quick = false } = {}) {
  const replacements = quick ? 5 : 100;
  const rows = [];
  for (const threads of THREADS) {
    for (const count of [0, replacements]) rows.push(await measure(threads, count, replacements * EVERY));
  }
  return { rate: RATE, rows };
}

async function measure(threads, replacements, seconds) {
  const directory = await mkdtemp(join(tmpdir(), 'spikewire-replace-'));
  const answered = [];
  const times = [];
  const host = await Host.open(
    { bytes: models[0] },
    { device: 'clocked', threads, net: '', store: { directory } },
    {
      listener: (_key, { time }) => {
        answered.push(time);
        times.push(performance.now());
      },
    },
  );
  try {
    for (let k = 0; k < 500; k++) await host.desk.feed('', readingOf(-k)); // until what is hot is compiled
    answered.length = 0;
    times.length = 0;
    const feeding = feedAtRate(host, seconds);
    const took = await replaceEvery(host, replacements);
    const given = await feeding;
    return { threads, replacements, given, ...countsOf(answered, given), ...gapsOf(times), took };
  } finally {
    await host.close();
    await rm(directory, { recursive: true });
  }
}

const readingOf = (number) => ({ time: number, values: Float64Array.of(Math.sin(number / 20)) });

/** Gives readings 1, 2, … at their times, without waiting for answers; resolves to how many, when all are answered. */
async function feedAtRate(host, seconds) {
  const began = performance.now();
  const answers = [];
  while (answers.length < seconds * RATE) {
    const due = Math.min(seconds * RATE, Math.floor(((performance.now() - began) / 1000) * RATE));
    while (answers.length < due) answers.push(host.desk.feed('', readingOf(answers.length + 1)));
    await delay(1);
  }
  await Promise.all(answers);
  return answers.length;
}

/** Milliseconds that the longest replacement took, from the asking to its end. */
async function replaceEvery(host, replacements) {
  let longest = 0;
  for (let k = 1; k <= replacements; k++) {
    await delay(1000 * EVERY - 20);
    const asked = performance.now();
    await host.replaceModel({ bytes: models[k % 2] });
    longest = Math.max(longest, performance.now() - asked);
  }
  return longest;
}

function countsOf(answered, given) {
  const distinct = new Set(answered);
  let isInOrder = true;
  for (let k = 1; k < answered.length; k++) isInOrder &&= answered[k] > answered[k - 1];
  return { lost: given - distinct.size, doubled: answered.length - distinct.size, isInOrder };
}

/** Milliseconds between two answers. */
function gapsOf(times) {
  const gaps = times
    .slice(1)
    .map((time, k) => time - times[k])
    .sort((a, b) => a - b);
  return { longestGap: gaps.at(-1), rareGap: gaps.at(-Math.ceil(gaps.length / 1000)) };
}

export function table({ rows }) {
  const lines = [
    [
      'worker threads',
      'replaced',
      'readings',
      'lost',
      'doubled',
      'in order',
      'longest gap',
      '1 in 1,000 gaps',
      'longest replacement',
    ],
    Array(9).fill('---'),
    ...rows.map((row) => [
      row.threads,
      row.replacements,
      row.given,
      row.lost,
      row.doubled,
      row.isInOrder ? 'yes' : 'NO',
      `${row.longestGap.toFixed(1)} ms`,
      `${row.rareGap.toFixed(1)} ms`,
      row.replacements === 0 ? '' : `${row.took.toFixed(1)} ms`,
    ]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
