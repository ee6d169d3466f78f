import type { ParameterTable, PlainParameters } from '@spikewire/models';
import { add, divide, multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { squareRoot } from '../graph/operations/functions.ts';
import { kind } from '../kinds/kind.ts';
import type { Optimiser } from './optimiser.ts';

const EPSILON = 1e-8;

export const adamParameters = {
  beta1: {
    doc: 'β₁, what is left of the mean after a step',
    form: 'number',
    default: 0.9,
    minimum: 0,
    maximum: 0.9999,
  },
  beta2: { doc: 'β₂, the same of the square', form: 'number', default: 0.999, minimum: 0, maximum: 0.999999 },
} as const satisfies ParameterTable;

/**
 * Algorithm 1 in the order of the remark at the end of section 2: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w −
 * α_t·m/(√v + ε) with α_t = rate·√(1 − β₂^t)/(1 − β₁^t), because means that began at 0 are too small at first.
 */
export function adamOf({ beta1, beta2 }: PlainParameters<typeof adamParameters>): Optimiser {
  return {
    slots: ['mean', 'square'],
    stepSize: (rate, step) => (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    update(parameter, { mean, square }, gradient, { stepSize }) {
      const nextMean = add(scale(mean!, beta1), scale(gradient, 1 - beta1));
      const nextSquare = add(scale(square!, beta2), scale(multiply(gradient, gradient), 1 - beta2));
      const direction = divide(nextMean, scale(squareRoot(nextSquare), 1, EPSILON));
      return {
        parameter: subtract(parameter, multiply(direction, stepSize)),
        slots: { mean: nextMean, square: nextSquare },
      };
    },
  };
}

export const adam = kind({
  name: 'adam',
  summary: 'running means of the gradient and of its square (Kingma and Ba 2015)',
  parameters: adamParameters,
  prepare: adamOf,
});
