import { softmaxCrossEntropy } from '../graph/operations/cross-entropy.ts';
import { multiply, scale } from '../graph/operations/elementwise.ts';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import { kind } from '../kinds/kind.ts';
import type { Loss } from './loss.ts';

/**
 * Cross-entropy of softmax(sharpness·(1 − t/T)), t the step of a neuron's first spike, T where it has none. As a
 * function of the spikes t = Σ_k Π_{s≤k} (1 − z_s), the steps that a neuron is silent from the start, so that the
 * gradient of a spike that comes goes to all steps up to it.
 */
export const spikeTime = kind({
  name: 'spike-time',
  summary: 'cross-entropy of the times of first spikes, the earliest is the answer (Mostafa 2018, eq. 9)',
  parameters: {
    sharpness: { doc: 'logit between the first step and never', form: 'number', default: 10, above: 0 },
  },
  prepare: ({ sharpness }): Loss => ({
    reads: 'spikes',
    decoder: 'earliest-spike',
    of(answer, targets) {
      let silent: Value | undefined;
      const silences = answer.parts.map((spikes) => {
        const now = scale(spikes, -1, 1);
        silent = silent === undefined ? now : multiply(silent, now);
        return silent;
      });
      const answers = scale(sumOf(silences), -sharpness / answer.steps, sharpness);
      return { losses: softmaxCrossEntropy(answers, targets), answers };
    },
  }),
});
