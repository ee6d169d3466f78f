import { softmaxCrossEntropy } from '../graph/operations/cross-entropy.ts';
import { scale } from '../graph/operations/elementwise.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

export const rate = kind({
  name: 'rate',
  summary: 'cross-entropy of spike counts, as shares of the steps',
  parameters: {
    sharpness: { doc: 'logit of a neuron that spikes in every step', form: 'number', default: 10, above: 0 },
  },
  prepare: ({ sharpness }): Loss => ({
    reads: 'spikes',
    of(answer, targets) {
      const answers = scale(sumOf(answer.parts), sharpness / answer.steps);
      return { losses: softmaxCrossEntropy(answers, targets), answers };
    },
  }),
});
