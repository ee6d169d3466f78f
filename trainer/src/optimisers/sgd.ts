import { add, multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { kind } from '../kinds/kind.ts';
import type { Optimiser } from './optimiser.ts';

/** m ← μ·m + g, w ← w − rate·m. */
export const sgd = kind({
  name: 'sgd',
  summary: 'gradient descent with momentum (Polyak 1964)',
  parameters: {
    momentum: {
      doc: 'μ, what is left of the velocity after a step',
      form: 'number',
      default: 0.9,
      minimum: 0,
      maximum: 0.9999,
    },
  },
  prepare: ({ momentum }): Optimiser => ({
    slots: ['velocity'],
    stepSize: (rate) => rate,
    update(parameter, { velocity }, gradient, { stepSize }) {
      const next = add(scale(velocity!, momentum), gradient);
      return { parameter: subtract(parameter, multiply(next, stepSize)), slots: { velocity: next } };
    },
  }),
});
