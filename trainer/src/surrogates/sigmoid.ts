import { multiply, scale } from '../graph/operations/elementwise.ts';
import { logistic } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

export const sigmoid = kind({
  name: 'sigmoid',
  summary: 'σ(x/a)·(1 − σ(x/a))/a, the derivative of the logistic function σ (Wu et al. 2018, h₃)',
  parameters: { temperature: { doc: 'a', form: 'number', default: 0.25, above: 0 } },
  prepare: ({ temperature }): Surrogate => ({
    slope(x) {
      const value = logistic(scale(x, 1 / temperature));
      return scale(multiply(value, scale(value, -1, 1)), 1 / temperature);
    },
    soft: (x) => 1 / (1 + Math.exp(-x / temperature)),
  }),
});
