import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BATCH, measure, openTraining } from '../train/step.mjs';

const [INPUTS, WORDS] = [784, 13];
const STEPS_IN_BLOCK = 6;
/** The slope of the other comparison; its decay of 0.9 costs what ours does. */
const net = { arch: '784-256-10', steps: 25, surrogate: 'superspike:slope=25' };

/** `stbp_1_thread` and `stbp_2_threads`: `block()` is samples per second, in all and per second of processor time. */
export async function contestantsIn(folder) {
  const batches = batchesIn(folder);
  const contestants = new Map();
  for (const threads of [1, 2]) {
    const { step } = await openTraining(net, threads, batches);
    contestants.set(`stbp_${threads}_thread${threads > 1 ? 's' : ''}`, {
      async block() {
        const { wall, processor } = await measure(STEPS_IN_BLOCK, step);
        return { value: (1000 * BATCH) / wall, per_cpu_second: (1000 * BATCH) / processor };
      },
      // The loss here is of spike counts, so that gradients are others.
      check: () => ({ gradient_relative_difference: null }),
    });
  }
  return contestants;
}

/**
 * The spikes of 256 digits as two batches; where they are missing undefined, so that noise of a tenth stands for them.
 */
function batchesIn(folder) {
  if (!existsSync(join(folder, 'spikes.bin'))) return undefined;
  const bits = readFileSync(join(folder, 'spikes.bin'));
  const { labels } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  return [0, BATCH].map((first) => {
    const spikes = new Float32Array(net.steps * BATCH * INPUTS);
    for (let sample = 0; sample < BATCH; sample++) {
      for (let step = 0; step < net.steps; step++) {
        const from = ((first + sample) * net.steps + step) * WORDS * 8;
        const to = (step * BATCH + sample) * INPUTS;
        for (let i = 0; i < INPUTS; i++) spikes[to + i] = (bits[from + (i >> 3)] >> (i & 7)) & 1;
      }
    }
    return { spikes, labels: labels.slice(first, first + BATCH) };
  });
}
