import { softmaxCrossEntropy } from '../graph/operations/cross-entropy.ts';
import { scale } from '../graph/operations/elementwise.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

export const accumulated = kind({
  name: 'accumulated',
  summary: 'cross-entropy of the membrane after the last step over the number of steps, of read-outs that only add up',
  parameters: {},
  prepare: (): Loss => ({
    reads: 'state',
    decoder: 'membrane-softmax',
    of(answer, targets) {
      const answers = scale(answer.parts.at(-1)!, 1 / answer.steps);
      return { losses: softmaxCrossEntropy(answers, targets), answers };
    },
  }),
});
