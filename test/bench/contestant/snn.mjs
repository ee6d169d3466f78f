import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INPUTS, NEURONS, openNetwork, SAMPLE_STEPS } from '../diehl-cook/network.mjs';

const SAMPLES = 20;
const BLOCK_MS = 200;

/** Contestants named `diehl_cook_…` and `cuba_…`: each has `block()`, ms per biological second, and `check()`. */
export function contestantsIn(folder) {
  const read = (name, Format) => new Format(new Uint8Array(readFileSync(join(folder, name))).buffer);
  return new Map([['diehl_cook_ours', diehlCook(read)]]);
}

/** Weights [inputs][neurons] and the input spikes of twenty digits. */
function diehlCook(read) {
  const weights = read('dc_weights.bin', Float64Array);
  if (weights.length !== INPUTS * NEURONS) throw new Error(`dc_weights.bin has ${weights.length} weights`);
  const [steps, inputs] = ['dc_steps.bin', 'dc_inputs.bin'].map((name) => read(name, Int32Array));
  const net = openNetwork({ weights, steps, inputs, samples: SAMPLES });
  const seconds = (SAMPLES * SAMPLE_STEPS) / 2000;
  return {
    block() {
      let [elapsed, runs] = [0, 0];
      for (; elapsed < BLOCK_MS; runs++) elapsed += net.run();
      return elapsed / (runs * seconds);
    },
    check() {
      net.run();
      const first = net.spikes();
      return { spikes: first.length, first };
    },
  };
}
