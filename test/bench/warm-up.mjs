import { anomalyModel, RandomGenerator } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { streams } from './faults/streams.mjs';

export const title = 'warm-up: false alarms, and spikes found, after fewer readings than the usual 400';

const SEEDS = [11, 12, 13, 14, 15];
/** Readings of the whole warm-up, three quarters of them for the range. */
const LENGTHS = [400, 200, 100, 60, 40];
const READINGS = 4000;
/** Readings at which the first channel is larger by what is large for the stream, each once. */
const SPIKES = [450, 900, 1800, 3600];
const INTERVAL = 1000;

/** What the prediction, and all monitors together, flag in the first readings of a stream. */
async function watch(stream, length, seed, spikes) {
  const range = (3 * length) / 4;
  const model = anomalyModel({ channels: stream.channels, rangeWarmUp: range, monitor: { warmUp: length - range } });
  const clock = { now: 0, random: new RandomGenerator(seed, 'clock') };
  const executor = new InProcessExecutor(engineNamed('clocked'), model);
  const session = new Session(model, executor, { clock: () => 1000 * clock.now });
  const source = stream.start(seed);
  const count = { early: 0, late: 0, flagged: 0, any: 0, found: 0 };
  for (let k = 1; k <= READINGS; k++) {
    clock.now += INTERVAL * (1 + 0.02 * clock.random.nextNormal());
    const [first, ...others] = source();
    const isSpike = spikes && SPIKES.includes(k);
    const values = Float64Array.of(isSpike ? first + stream.large : first, ...others);
    const { verdicts, verdict } = await session.feed({ time: clock.now, values });
    const own = verdicts.find(({ monitor }) => monitor === 'next-reading');
    if (isSpike && own?.anomaly) count.found++;
    if (own?.alarm) count[k <= LENGTHS[0] ? 'early' : 'late']++;
    if (own?.anomaly) count.flagged++;
    if (verdict?.alarm) count.any++;
  }
  await session.close();
  return count;
}

/** One setting for all streams; `quick`: the shortest and the longest on one stream with one seed. */
export async function run({ quick = false } = {}) {
  const rows = [];
  for (const length of quick ? [LENGTHS[0], LENGTHS.at(-1)] : LENGTHS) {
    for (const stream of quick ? streams.slice(0, 1) : streams) {
      for (const seed of quick ? SEEDS.slice(0, 1) : SEEDS) {
        const calm = await watch(stream, length, seed, false);
        const { found } = await watch(stream, length, seed, true);
        rows.push({ length, stream: stream.name, seed, ...calm, found });
      }
    }
  }
  return { readings: READINGS, spikes: SPIKES.length, rows };
}

export function table({ rows, spikes }) {
  const names = [...new Set(rows.map(({ stream }) => stream))];
  const lines = [
    ['readings', ...names],
    ['---', ...names.map(() => '---')],
  ];
  for (const length of new Set(rows.map((row) => row.length))) {
    const cells = names.map((name) => {
      const own = rows.filter((row) => row.length === length && row.stream === name);
      const mean = (key) => Number((own.reduce((sum, row) => sum + row[key], 0) / own.length).toFixed(1));
      return `${mean('early')} + ${mean('late')} (${mean('flagged')}), ${mean('any')}; ${mean('found')} of ${spikes}`;
    });
    lines.push([length, ...cells]);
  }
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
