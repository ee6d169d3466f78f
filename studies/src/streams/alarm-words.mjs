// What the words of spikewire-anomaly's setting "Alarms" mean: alarms of 5000 readings without a fault after 4000 to
// learn from, and of ten spikes of each size how many are flagged; on the streams of the bench, seeds of its own.
import { anomalyModel } from '@spikewire/models';
import { streams } from '@spikewire/test/bench/faults/streams.mjs';
import { withTypeScript } from '@spikewire/test/typescript.mjs';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { mean } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';

const SEEDS = [21, 22];
const [FRESH, CALM, APART, SPIKES] = [4000, 5000, 60, 10];
const SIZES = [1, 2, 5];

function sessionOf(stream, settings) {
  const model = anomalyModel({ channels: stream.channels ?? [{ name: 'temperature', unit: '°C' }] });
  let now = 0;
  const executor = new InProcessExecutor(engineNamed('clocked'), model);
  const session = new Session(model, executor, { clock: () => now, monitorSettings: settings });
  return async (values) => {
    now += 1e6;
    return (await session.feed({ time: now / 1000, values: Float64Array.from(values) })).verdict;
  };
}

async function measure(stream, seed, settings) {
  const source = stream.start(seed);
  const take = sessionOf(stream, settings);
  for (let k = 0; k < FRESH; k++) await take(source());
  let alarms = 0;
  for (let k = 0; k < CALM; k++) if ((await take(source()))?.alarm) alarms++;
  const found = [];
  for (const size of SIZES) {
    let flagged = 0;
    for (let k = 1; k <= SPIKES * APART; k++) {
      const [first, ...others] = source();
      const isSpike = k % APART === 0;
      const verdict = await take([first + (isSpike ? size : 0), ...others]);
      if (isSpike && verdict?.anomaly) flagged++;
    }
    found.push(flagged);
  }
  return { alarms, found };
}

const HEAD = [
  'stream',
  '_Alarms_',
  `alarms in ${CALM} readings`,
  ...SIZES.map((size, k) => (k === 0 ? `spikes of ${size} °C` : `${size} °C`)),
];
const NETS = new URL('../../../nodes/src/anomaly/anomaly-nets.ts', import.meta.url);

export function page({ isQuick }) {
  return withTypeScript([NETS], async ({ SENSITIVITIES, monitorSettings }) => {
    const rows = [];
    for (const stream of isQuick ? streams.slice(0, 1) : streams) {
      for (const [word, sensitivity] of Object.entries(SENSITIVITIES)) {
        const settings = monitorSettings({ sensitivity, inRow: 1 });
        const runs = [];
        for (const seed of isQuick ? SEEDS.slice(0, 1) : SEEDS) runs.push(await measure(stream, seed, settings));
        const found = SIZES.map((_, k) => `${mean(runs.map((run) => run.found[k]))} of ${SPIKES}`);
        rows.push([stream.name, word, `${mean(runs.map(({ alarms }) => alarms))}`, ...found]);
      }
    }
    return table(HEAD, rows);
  });
}
