import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import { Agent } from 'spikewire/agent';
import { Host } from 'spikewire/host';
import { feedAtRate, NumberedAnswers, RATE } from './replace/numbered-readings.mjs';

export const title =
  'update: numbered readings at 1,000 a second while the agent installs bases from a repository and goes back';

const CLI = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const LABELS = ['idle', 'load', 'worn'];
const CHANNELS = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
const THREADS = [0, 1];
/** Readings from a label to the next. */
const LABEL_EVERY = 100;
/** Readings of a trial before a person approves it, and of a probation before a person asks for the way back. */
const SEEN_BY_PERSON = 200;
const RULES = { lookEverySeconds: 3600, decideEverySeconds: 0.05, probationReadings: 1e9 };
/** Seconds in which an update must have come and gone. */
const PATIENCE = 60;

export async function run({ quick = false } = {}) {
  const updates = quick ? 2 : 10;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-update-'));
  try {
    const sites = await publishedSites(folder, updates);
    const rows = [];
    for (const threads of THREADS) {
      for (const count of [0, updates]) {
        rows.push(await measure(join(folder, `${threads}-${count}`), threads, sites.slice(0, count), updates));
      }
    }
    return { rate: RATE, rows };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Repositories that each offer one base more. */
async function publishedSites(folder, count) {
  const [site, keys, model] = ['site', 'keys', 'pump.spike'].map((name) => join(folder, name));
  const fleet = (...words) => promisify(execFile)(process.execPath, [CLI, 'fleet', ...words]);
  await fleet('init', site, '--keys', keys);
  const sites = [];
  for (let k = 0; k < count; k++) {
    await writeFile(model, baseOf(k + 2));
    await fleet('publish', model, '--to', site, '--keys', keys);
    sites.push(`${site}-${k}`);
    await cp(site, sites.at(-1), { recursive: true });
  }
  return sites;
}

function baseOf(seed) {
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  const options = { channels: CHANNELS, labels: LABELS, standardise, running: false, neurons: 24, seed };
  return writeModel(classifierModel(options));
}

/** A base that comes and goes for each of the repositories; without any, as many seconds as there were updates. */
async function measure(place, threads, sites, seconds) {
  const answers = new NumberedAnswers();
  const agent = sites.length === 0 ? undefined : await openAgent(place, sites[0]);
  const host = await Host.open(
    agent?.base ?? { bytes: baseOf(1), name: 'pump.spike' },
    { device: 'clocked', threads, net: '', store: { directory: join(place, 'learned') } },
    { listener: answers.listener, ...(agent && { onNewModel: agent.onNewModel }) },
  );
  try {
    await agent?.begin(host);
    for (let k = 0; k < 500; k++) await host.desk.feed('', readingOf(k - 500)); // until what is hot is compiled
    answers.clear();
    let areDone = false;
    const feeding = feedAtRate(host, taughtReadingOf(host), () => areDone);
    if (agent === undefined) await delay(1000 * seconds);
    for (const site of sites) await updateAndBack(agent, place, site);
    areDone = true;
    const given = await feeding;
    return { threads, updates: sites.length, given, ...answers.countsOf(given), ...answers.gaps() };
  } finally {
    await agent?.close();
    await host.close();
  }
}

async function openAgent(place, site) {
  return Agent.open({
    ...{ folder: join(place, 'update'), repository: join(place, 'site'), version: '0.2.0', rules: RULES },
    root: await readFile(join(site, 'metadata', '1.root.json')),
    wish: { model: 'pump', channel: 'stable', groups: [] },
    given: { bytes: baseOf(1), name: 'pump.spike' },
  });
}

/** Offers a base, approves it, and asks for the way back. */
async function updateAndBack(agent, place, site) {
  const { updater } = agent;
  await symlink(site, join(place, 'next'));
  await rename(join(place, 'next'), join(place, 'site'));
  const { length } = agent.entry.refused;
  updater.lookNow();
  await until(agent, () => agent.entry.state === 'shadow' && updater.readings >= SEEN_BY_PERSON);
  await updater.approve('carry');
  await until(agent, () => agent.entry.state === 'probation' && updater.readings >= SEEN_BY_PERSON);
  await updater.rollback();
  await until(agent, () => agent.entry.state === 'idle' && agent.entry.refused.length > length);
}

async function until(agent, isSo) {
  for (const end = performance.now() + 1000 * PATIENCE; !isSo(); await delay(2)) {
    if (performance.now() > end) throw new Error(`the update does not go on: ${JSON.stringify(agent.status)}`);
  }
}

/** The class of a reading follows from its number. */
function readingOf(number) {
  const random = new RandomGenerator(number + 1000, 'reading');
  const values = Float64Array.from(LABELS, (_, k) => (k === classOf(number) ? 1 : 0) + 0.5 * random.nextNormal());
  return { time: number, values };
}

const classOf = (number) => (number + 999) % LABELS.length;

/** The same, of which some are labelled as soon as they are answered. */
function taughtReadingOf(host) {
  return (number) => {
    const label = { kind: 'label', label: LABELS[classOf(number)], time: number };
    if (number % LABEL_EVERY === 0) setImmediate(() => void host.desk.teach('', label));
    return readingOf(number);
  };
}

export function table({ rows }) {
  const head = [
    'worker threads',
    'updates',
    'readings',
    'lost',
    'doubled',
    'in order',
    'longest gap',
    '1 in 1,000 gaps',
  ];
  const lines = [
    head,
    Array(head.length).fill('---'),
    ...rows.map((row) => [
      ...[row.threads, row.updates, row.given, row.lost, row.doubled, row.isInOrder ? 'yes' : 'NO'],
      ...[`${row.longestGap.toFixed(1)} ms`, `${row.rareGap.toFixed(1)} ms`],
    ]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
