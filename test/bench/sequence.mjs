import { monitorKindOf, RandomGenerator } from '@spikewire/models';
import { median } from './infer/interleave.mjs';

export const title = 'Monitors of one channel: microseconds of processor time per reading, and bytes of state';

const TYPES = ['sequence', 'pair-novelty', 'surprise', 'extremum'];
const BLOCK = 5000;

/** A wave with noise, and noise alone, in which a temporal memory grows and gives up segments all the time. */
export async function run({ quick = false } = {}) {
  const rounds = quick ? 5 : 40;
  const results = [];
  for (const type of TYPES) {
    for (const [stream, noise] of [
      ['wave', 0.05],
      ['noise', 1],
    ]) {
      const monitor = monitorKindOf(type, type).prepare({}, { channels: ['level'], outputs: 1 });
      const read = reader(monitor, noise);
      for (let k = 0; k < 2 * BLOCK; k++) read(k);
      const times = Array.from({ length: rounds }, (_, round) => {
        const before = process.cpuUsage();
        for (let k = 0; k < BLOCK; k++) read(round * BLOCK + k);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / BLOCK;
      });
      const bytes = Object.values(monitor.state).reduce((sum, { view }) => sum + view.byteLength, 0);
      results.push({ type, stream, median: median(times), low: Math.min(...times), bytes });
    }
  }
  return { rounds, results };
}

export function table({ rounds, results }) {
  const rows = results.map(
    ({ type, stream, median, low, bytes }) =>
      `  ${type.padEnd(14)} ${stream.padEnd(6)} ${median.toFixed(2).padStart(7)} µs   least ${low.toFixed(2).padStart(6)}   ${String(bytes).padStart(6)} bytes\n`,
  );
  return `${rows.join('')}  median of ${rounds} rounds of ${BLOCK} readings\n`;
}

function reader(monitor, noise) {
  const random = new RandomGenerator(1, 'bench');
  const sample = new Float64Array(1);
  const nothing = { normalised: undefined, expected: undefined, error: undefined };
  const reading = { time: 0, interval: 0, values: sample, sample, ...nothing };
  const attention = { learning: true, sensitivity: 3 };
  return (k) => {
    sample[0] = (1 - noise) * Math.sin(k / 9) + noise * random.nextNormal();
    monitor.read(reading, attention);
  };
}
