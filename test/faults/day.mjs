// `node test/faults/day.mjs [--factor 288] [--every 10] [--seed 1] [--json]`: a day of four sensors through a mosquitto
// and a `spikewire run`, with kills, restarts, a full disk, silence, duplicates and clocks that jump. Ends with 1 where
// a reading is neither answered nor counted. Built before: `npm run build`.
import { parseArgs } from 'node:util';
import { withTypeScript } from '../typescript.mjs';

const { values } = parseArgs({
  options: {
    factor: { type: 'string', default: '288' },
    every: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const options = { factor: Number(values.factor), every: Number(values.every), seed: Number(values.seed) };
const report = await withTypeScript([new URL('day.ts', import.meta.url)], ({ liveDay }) => liveDay(options));
if (report === undefined) {
  process.stderr.write('day: needs mosquitto, which this machine does not have\n');
  process.exitCode = 1;
} else {
  process.stdout.write(values.json ? `${JSON.stringify({ ...options, ...report }, undefined, 2)}\n` : table(report));
  process.exitCode = report.missing === 0 ? 0 : 1;
}

function table({ sent, twice, answered, counted, missing, again, memory, ...events }) {
  const counters = Object.entries(counted).map(([name, count]) => `${name} ${count}`);
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  const slope = `${kilobytes(memory.slope)} ± ${kilobytes(memory.standardError)} kB a simulated hour`;
  return [
    `24 hours, ${options.factor} times as fast, a reading every ${options.every} s of each sensor, seed ${options.seed}`,
    `${events.seconds.toFixed(0)} s, ${events.kills} kills, ${events.brokerRestarts} restarts of the broker, ` +
      `${events.failedSaves ?? 'no disk to have'} failed saves, ${events.silenceAlarms} alarms of silence`,
    `sent ${sent} (${twice} twice) = answered ${answered} + counted (${counters.join(', ')}) + missing ${missing}`,
    `answered once more than sent: ${again}`,
    `memory: ${slope}, ${memory.samples} looks, ${kilobytes(memory.first)} to ${kilobytes(memory.last)} kB\n`,
  ].join('\n');
}
