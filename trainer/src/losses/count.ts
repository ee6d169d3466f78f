import { multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { rowSums } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

/** Mean over the classes of (count/T − target)². */
export const count = kind({
  name: 'count',
  summary: 'squared error of spike counts, as shares of the steps (Shrestha and Orchard 2018, section 3.3)',
  parameters: {
    right: {
      doc: 'share of the steps in which the right class spikes',
      form: 'number',
      default: 0.8,
      minimum: 0,
      maximum: 1,
    },
    wrong: { doc: 'the same of the others', form: 'number', default: 0.05, minimum: 0, maximum: 1 },
  },
  prepare: ({ right, wrong }): Loss => ({
    reads: 'spikes',
    of(answer, targets) {
      const answers = scale(sumOf(answer.parts), 1 / answer.steps);
      const error = subtract(answers, scale(targets, right - wrong, wrong));
      return { losses: scale(rowSums(multiply(error, error)), 1 / targets.shape[1]!), answers };
    },
  }),
});
