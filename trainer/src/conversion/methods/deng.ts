import { scalesAt } from '../analogue/activations.ts';
import { conversionMethod, percentile } from '../method.ts';

/**
 * A neuron with soft reset rounds down: ⌊T·a/θ⌋ spikes, on the mean half a spike too few. A shift of θ/2T in every step
 * makes that the nearest number and halves the expected error; in T steps it comes to θ/2, which here is in the
 * membrane from the start, so that it is right for every T. The threshold is where the analogue net clips (threshold
 * ReLU); for a net that does not clip, a percentile of its activations.
 *
 * Limits: the source trains its nets with the clipped ReLU; one that was not loses what lies above the percentile.
 * Shifts let neurons spike whose activation is 0 but was nearly one half of a spike.
 *
 * Source: Deng and Gu 2021, Optimal conversion of conventional artificial neural networks to spiking neural networks,
 * ICLR.
 */
export const deng = conversionMethod({
  name: 'deng',
  summary: 'soft reset, thresholds at a percentile of the activations, half a threshold in the membrane at the start',
  source: 'Deng and Gu 2021',
  parameters: { percentile },
  balance: async ({ activations }, chosen) => ({
    scales: scalesAt(activations, chosen.percentile),
    reset: 'subtract',
    start: 0.5,
  }),
});
