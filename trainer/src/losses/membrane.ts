import { softmaxCrossEntropy } from '../graph/operations/cross-entropy.ts';
import { scale } from '../graph/operations/elementwise.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

export const membrane = kind({
  name: 'membrane',
  summary: 'cross-entropy of the mean membrane of read-outs that do not spike',
  parameters: {},
  prepare: (): Loss => ({
    reads: 'state',
    of(answer, targets) {
      const answers = scale(sumOf(answer.parts), 1 / answer.steps);
      return { losses: softmaxCrossEntropy(answers, targets), answers };
    },
  }),
});
