import { scalesAt } from '../analogue/activations.ts';
import { conversionMethod, percentile, reset } from '../method.ts';

/**
 * w ← w·λ_before/λ, b ← b/λ with λ the 99.9th percentile of a layer's activations (section 2.2.2): the few above it are
 * clipped to a spike in every step, and all others get finer rates. Input is direct current, biases are constant
 * current, batch norm is folded into the weights, max pooling lets the busiest element of a window through, and the
 * output integrates. With reset by subtraction, v ← v − θ, rates are activations to within 1/T in the first layer; with
 * reset to zero they fall behind where activations are large.
 *
 * Limits: later layers see the rates of earlier ones with their rounding, so that the error grows with depth and few
 * steps leave deep layers silent.
 *
 * Source: Rueckauer, Lungu, Hu, Pfeiffer and Liu 2017, Conversion of continuous-valued deep networks to efficient
 * event-driven networks for image classification, Frontiers in Neuroscience 11:682.
 */
export const rueckauer = conversionMethod({
  name: 'rueckauer',
  summary: 'weights and biases normalised by a percentile of the activations; soft or hard reset',
  source: 'Rueckauer et al. 2017',
  parameters: { percentile, reset },
  balance: async ({ activations }, chosen) => ({
    scales: scalesAt(activations, chosen.percentile),
    reset: chosen.reset,
  }),
});
