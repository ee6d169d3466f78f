import { multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { kind } from '../kinds/kind.ts';
import { adamOf, adamParameters } from './adam.ts';
import type { Optimiser } from './optimiser.ts';

/**
 * Adam, and beside it w ← w − rate·decay·w (algorithm 2, with the schedule in the rate). What has one dimension or
 * none, as biases, thresholds and time constants have, does not decay.
 */
export const adamw = kind({
  name: 'adamw',
  summary: 'Adam with weights that decay apart from the gradient (Loshchilov and Hutter 2019)',
  parameters: {
    ...adamParameters,
    decay: {
      doc: 'share of a weight that a rate of 1 takes away',
      form: 'number',
      default: 0.01,
      minimum: 0,
      maximum: 1,
    },
  },
  prepare({ decay, ...choices }): Optimiser {
    const plain = adamOf(choices);
    return {
      ...plain,
      update(parameter, slots, gradient, sizes) {
        const next = plain.update(parameter, slots, gradient, sizes);
        if (parameter.shape.length < 2) return next;
        return { ...next, parameter: subtract(next.parameter, multiply(parameter, scale(sizes.rate, decay))) };
      },
    };
  },
});
