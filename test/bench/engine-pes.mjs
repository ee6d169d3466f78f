import { nextReadingModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { median } from './infer/interleave.mjs';

export const title = 'PES, 1000 neurons, 2 dimensions, dt 1 ms, an error in every step: microseconds per step';

const [NEURONS, DIMENSIONS] = [1000, 2];
const DT_MICROSECONDS = 1000;
/** Steps of one block: short, so that most blocks have the processor to themselves. */
const BLOCK = 100;

/**
 * A communication channel that learns: what the ensemble says of a slow movement is compared with it in every step, and
 * the error teaches the decoders at once. Beside it the same without teaching, which is what the step of the net itself
 * costs.
 */
export function run({ quick = false } = {}) {
  const rounds = quick ? 100 : 2000;
  const contestants = [true, false].map((teaches) => ({ teaches, block: openChannel(teaches), times: [] }));
  for (let round = -1; round < rounds; round++) {
    for (const { block, times } of contestants) {
      const us = block();
      // The first round only warms up.
      if (round >= 0) times.push(us);
    }
  }
  const results = contestants.map(({ teaches, times }) => ({
    name: teaches ? 'with PES' : 'without teaching',
    median: median(times),
    low: Math.min(...times),
    timesRealTime: DT_MICROSECONDS / median(times),
  }));
  return { rounds, results };
}

export function table({ rounds, results }) {
  const rows = results.map(
    ({ name, median, low, timesRealTime }) =>
      `  ${name.padEnd(18)} ${median.toFixed(2).padStart(7)} µs   least ${low.toFixed(2).padStart(6)}   ${timesRealTime.toFixed(0)} × real time\n`,
  );
  return `${rows.join('')}  median of ${rounds} rounds in turn\n`;
}

/** Returns a function that runs a block and says how many microseconds one step took. */
function openChannel(teaches) {
  const channels = ['x', 'y'].map((name) => ({ name, minimum: -1, maximum: 1 }));
  const model = nextReadingModel({ channels, neurons: NEURONS });
  const network = engineNamed('clocked').load(model);
  const [connection] = model.learning.keys();
  const [input, output] = [new EventBuffer(DIMENSIONS), new EventBuffer(DIMENSIONS)];
  const index = network.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
  const error = new Float64Array(DIMENSIONS);
  let now = 0;
  const step = () => {
    const x = [0.5 * Math.sin(now / 300), 0.5 * Math.cos(now / 300)];
    now++;
    input.clear();
    for (let d = 0; d < DIMENSIONS; d++) input.push(0, index, d, x[d]);
    output.clear();
    network.run(1, input, output);
    if (!teaches) return;
    for (let d = 0; d < DIMENSIONS; d++) error[d] = -x[d];
    for (let k = 0; k < output.length; k++) error[output.index[k]] += output.value[k];
    network.teach(connection, error);
  };
  return () => {
    const start = performance.now();
    for (let k = 0; k < BLOCK; k++) step();
    return ((performance.now() - start) * 1000) / BLOCK;
  };
}
