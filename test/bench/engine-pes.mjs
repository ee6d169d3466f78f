import { NEXT_READING_HEADROOM, nextReadingModel, quantize } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { learningInReals } from '../../scripts/zoo.mjs';
import { median } from './infer/interleave.mjs';

export const title = 'PES, 1000 neurons, 2 dimensions, dt 1 ms, an error in every step: microseconds per step';

const [NEURONS, DIMENSIONS] = [1000, 2];
const DT_MICROSECONDS = 1000;
/** Steps of one block: short, so that most blocks have the processor to themselves. */
const BLOCK = 100;

/** Its 8-bit form learns in integers; with real numbers it did so before it had an option for that. */
const FORMS = {
  'without teaching': { teaches: false, form: (model) => model },
  'with PES': { teaches: true, form: (model) => model },
  '8 bits, without': { teaches: false, form: eightBits },
  '8 bits, integers': { teaches: true, form: eightBits },
  '8 bits, reals': { teaches: true, form: (model) => learningInReals(eightBits(model)) },
};

/**
 * A communication channel that learns: what the ensemble says of a slow movement is compared with it in every step, and
 * the error teaches the decoders at once. Beside it the same without teaching, which is what the step of the net itself
 * costs.
 */
export function run({ quick = false } = {}) {
  const rounds = quick ? 100 : 2000;
  const contestants = Object.entries(FORMS).map(([name, { teaches, form }]) => {
    return { name, ...openChannel(teaches, form), times: [] };
  });
  for (let round = -1; round < rounds; round++) {
    for (const { block, times } of contestants) {
      const us = block();
      // The first round only warms up.
      if (round >= 0) times.push(us);
    }
  }
  const results = contestants.map(({ name, times, meanError }) => ({
    name,
    error: meanError(),
    median: median(times),
    low: Math.min(...times),
    timesRealTime: DT_MICROSECONDS / median(times),
  }));
  return { rounds, results };
}

export function table({ rounds, results }) {
  const rows = results.map(
    ({ name, median, low, timesRealTime, error }) =>
      `  ${name.padEnd(18)} ${median.toFixed(2).padStart(7)} µs   least ${low.toFixed(2).padStart(6)}   ` +
      `${timesRealTime.toFixed(0)} × real time, mean error ${error.toFixed(4)}\n`,
  );
  return `${rows.join('')}  median of ${rounds} rounds in turn\n`;
}

function eightBits(model) {
  return quantize(model, { bits: 8, headroom: NEXT_READING_HEADROOM });
}

/** `block` runs a block and says how many microseconds one step took; `meanError` is over the steps since half time. */
function openChannel(teaches, form) {
  const channels = ['x', 'y'].map((name) => ({ name, minimum: -1, maximum: 1 }));
  const model = form(nextReadingModel({ channels, neurons: NEURONS }));
  const network = engineNamed('clocked').load(model);
  const [connection] = model.learning.keys();
  const [input, output] = [new EventBuffer(DIMENSIONS), new EventBuffer(DIMENSIONS)];
  const index = network.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
  const error = new Float64Array(DIMENSIONS);
  let now = 0;
  const sizes = [];
  const step = () => {
    const x = [0.5 * Math.sin(now / 300), 0.5 * Math.cos(now / 300)];
    now++;
    input.clear();
    for (let d = 0; d < DIMENSIONS; d++) input.push(0, index, d, x[d]);
    output.clear();
    network.run(1, input, output);
    for (let d = 0; d < DIMENSIONS; d++) error[d] = -x[d];
    for (let k = 0; k < output.length; k++) error[output.index[k]] += output.value[k];
    sizes.push(Math.abs(error[0]) + Math.abs(error[1]));
    if (teaches) network.teach(connection, error);
  };
  const block = () => {
    const start = performance.now();
    for (let k = 0; k < BLOCK; k++) step();
    return ((performance.now() - start) * 1000) / BLOCK;
  };
  const meanError = () => {
    const late = sizes.slice(sizes.length / 2);
    return late.reduce((sum, size) => sum + size, 0) / late.length / DIMENSIONS;
  };
  return { block, meanError };
}
