import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { anomalyModel, writeModel } from 'spikewire';
import { Host } from 'spikewire/host';
import { feedAtRate, NumberedAnswers, RATE } from './replace/numbered-readings.mjs';

export const title =
  'replace: numbered readings at 1,000 a second while one model takes the place of another, again and again';

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
  const answers = new NumberedAnswers();
  const host = await Host.open(
    { bytes: models[0] },
    { device: 'clocked', threads, net: '', store: { directory } },
    { listener: answers.listener },
  );
  try {
    for (let k = 0; k < 500; k++) await host.desk.feed('', readingOf(-k)); // until what is hot is compiled
    answers.clear();
    const feeding = feedAtRate(host, readingOf, (given) => given >= seconds * RATE);
    const took = await replaceEvery(host, replacements);
    const given = await feeding;
    return { threads, replacements, given, ...answers.countsOf(given), ...answers.gaps(), took };
  } finally {
    await host.close();
    await rm(directory, { recursive: true });
  }
}

const readingOf = (number) => ({ time: number, values: Float64Array.of(Math.sin(number / 20)) });

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
