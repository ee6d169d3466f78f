import { overlapOf } from '@spikewire/models';
import { multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { softplus } from '../graph/operations/functions.ts';
import { rowSums } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

/** Mean over the pixels of log(1 + e^z) − y·z, z the mean membrane and y 1 within the mask: each pixel for itself. */
export const pixels = kind({
  name: 'pixels',
  summary: 'cross-entropy of each output for itself, for masks: an output is one where its mean is above 0',
  parameters: {},
  prepare: (): Loss => ({
    reads: 'state',
    decoder: 'linear',
    right: overlapOf,
    of(answer, targets) {
      const answers = scale(sumOf(answer.parts), 1 / answer.steps);
      const losses = subtract(softplus(answers), multiply(answers, targets));
      return { losses: scale(rowSums(losses), 1 / targets.shape[1]!), answers };
    },
  }),
});
