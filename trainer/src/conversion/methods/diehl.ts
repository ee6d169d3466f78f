import { scalesAt } from '../analogue/activations.ts';
import { largestPossible } from '../analogue/largest-possible.ts';
import { conversionMethod } from '../method.ts';

/**
 * Weights are divided such that no neuron is driven past its threshold in a step, w ← w·λ_before/λ (hard reset).
 *
 * Model-based: λ = max_i Σ_j max(0, w_ij)·λ_before, the largest activation that the weights allow for any input; safe
 * without data, and far too large in deep nets, whose rates become tiny. Data-based: λ = max a over calibration
 * samples, the usual choice. The source has nets without biases, with average pooling, and Poisson input (`--encoder
 * poisson:maxRate=1000`).
 *
 * Source: Diehl, Neil, Binas, Cook, Liu and Pfeiffer 2015, Fast-classifying, high-accuracy spiking deep networks
 * through weight and threshold balancing, IJCNN, algorithms 1 and 2.
 */
export const diehl = conversionMethod({
  name: 'diehl',
  summary: 'weights normalised by the largest activation that was seen, or that is possible; hard reset',
  source: 'Diehl et al. 2015',
  parameters: {
    norm: {
      doc:
        'divide the weights by the largest activation that the samples cause (data) ' +
        'or that the weights allow (model)',
      form: 'word',
      words: ['data', 'model'],
      default: 'data',
    },
  },
  without: ['biases', 'maxima'],
  balance: async ({ net, activations }, { norm }) => ({
    scales: norm === 'data' ? scalesAt(activations, 100) : largestPossible(net),
    reset: 'value',
  }),
});
