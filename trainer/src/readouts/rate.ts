import { scale } from '../graph/elementwise.ts';
import { sumOverTime } from '../graph/time.ts';
import { neuronNode, neuronSpikes } from '../network/neurons.ts';
import type { ReadOut } from './read-out.ts';

/** Logit of a neuron that spikes in every step, against one that is silent. */
const SHARPNESS = 10;

/** Spike counts of LIF neurons, as shares of the steps. */
export const rate: ReadOut = {
  name: 'rate',
  logits(current, held, recipe, training) {
    const spikes = neuronSpikes(current, held, recipe, training);
    const counts = sumOverTime(spikes, new Array(training.steps).fill(1));
    return scale(counts, SHARPNESS / training.steps);
  },
  node: neuronNode,
};
