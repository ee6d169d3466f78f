import { add, multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { rowSums } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

/**
 * D² = 1/τ·Σ_t e_t², e_t = e^(−1/τ)·e_{t−1} + z_t − y_t with τ in steps, the mean over the classes. Wanted is a spike
 * in every `period` steps from the class and none from others.
 */
export const vanRossum = kind({
  name: 'van-rossum',
  summary: 'distance of the spike trains from wanted ones behind an exponential kernel (van Rossum 2001, eq. 2)',
  parameters: {
    tau: { doc: 'τ of the kernel in steps', form: 'number', default: 5, above: 0 },
    period: { doc: 'steps from one wanted spike of the class to the next', form: 'integer', default: 2, minimum: 1 },
  },
  prepare: ({ tau, period }): Loss => ({
    reads: 'spikes',
    of(answer, targets) {
      let error: Value | undefined;
      const squares = answer.parts.map((spikes, step) => {
        const now = (step + 1) % period === 0 ? subtract(spikes, targets) : spikes;
        error = error === undefined ? now : add(scale(error, Math.exp(-1 / tau)), now);
        return multiply(error, error);
      });
      const losses = scale(rowSums(sumOf(squares)), 1 / (tau * targets.shape[1]!));
      return { losses, answers: scale(sumOf(answer.parts), 1 / answer.steps) };
    },
  }),
});
