import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vogelsAbbott } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { INPUTS, NEURONS, openNetwork, SAMPLE_STEPS } from '../diehl-cook/network.mjs';

const SAMPLES = 20;
const BLOCK_MS = 200;
/** Two seconds. */
const CUBA_STEPS = 20_000;
const MOST_CUBA_SPIKES = 1_000_000;

/** Contestants named `diehl_cook_…` and `cuba_…`: each has `block()`, ms per biological second, and `check()`. */
export function contestantsIn(folder) {
  const read = (name, Format) => new Format(new Uint8Array(readFileSync(join(folder, name))).buffer);
  return new Map([
    ['diehl_cook_ours', diehlCook(read)],
    ['cuba_ours', vogelsAbbottCuba(read)],
  ]);
}

/** Weights [inputs][neurons] and the input spikes of twenty digits. */
function diehlCook(read) {
  const weights = read('dc_weights.bin', Float64Array);
  if (weights.length !== INPUTS * NEURONS) throw new Error(`dc_weights.bin has ${weights.length} weights`);
  const [steps, inputs] = ['dc_steps.bin', 'dc_inputs.bin'].map((name) => read(name, Int32Array));
  const net = openNetwork({ weights, steps, inputs, samples: SAMPLES });
  return contestant(net, (SAMPLES * SAMPLE_STEPS) / 2000);
}

/** Adjacency lists and first potentials of all cells, whose resets are at −60 mV. */
function vogelsAbbottCuba(read) {
  const [offsets, targets] = ['cuba_offsets.bin', 'cuba_targets.bin'].map((name) => read(name, Int32Array));
  const potentials = read('cuba_v0.bin', Float64Array).map((potential) => potential + 60);
  const synapses = Array.from(potentials, (_, cell) => Array.from(targets.subarray(offsets[cell], offsets[cell + 1])));
  const network = engineNamed('clocked').load(vogelsAbbott({ neurons: potentials.length, synapses, potentials }));
  const [input, output] = [new EventBuffer(1), new EventBuffer(MOST_CUBA_SPIKES)];
  const net = {
    run() {
      network.resetActivity();
      output.clear();
      const started = performance.now();
      network.run(CUBA_STEPS, input, output);
      return performance.now() - started;
    },
    spikes: () => Array.from({ length: output.length }, (_, k) => [output.step[k], output.index[k]]),
  };
  return contestant(net, CUBA_STEPS / 10_000);
}

function contestant(net, seconds) {
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
