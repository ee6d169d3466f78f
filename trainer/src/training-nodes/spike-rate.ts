import { divide, multiply, scale } from '../graph/operations/elementwise.ts';
import { spikeRate } from '../graph/operations/spike-rate.ts';
import type { Value } from '../graph/operations/value.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

/**
 * Behind a rectifier: the rate of a spiking neuron that begins anew with each spike, 1/⌈1/x⌉. While the net learns, a
 * number u that is drawn evenly from 0 … 1 stands for what is rounded up, 1/(1/x + u), which has a gradient and is
 * ln(1 + x) on the mean (Patel et al. 2021).
 */
export function spikeRateNode(): TrainingNode {
  return {
    type: 'spike-rate',
    arrays: (shape) => ({ rest: { shape, start: 0, changedBy: 'generator' } }),
    lower(array, learns) {
      const drawn = (x: Value) => divide(x, scale(multiply(x, array('rest')), 1, 1));
      const step = learns ? drawn : spikeRate;
      return { step, over: (signal) => signal.mapSteps(step) };
    },
    draw(array, random) {
      const rest = array('rest');
      for (let k = 0; k < rest.length; k++) rest[k] = random.nextUniform();
    },
  };
}
