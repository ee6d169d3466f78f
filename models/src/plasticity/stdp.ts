import { plasticityKind } from './rule.ts';
import { pairParameters, spikePairs } from './spike-pairs.ts';

/**
 * Pair spike-timing dependent plasticity (Gerstner et al. 1996; Song, Miller and Abbott 2000): each pair of a pre spike
 * at s and a post spike at t changes the weight by A₊e^(−(t−s)/τ₊) where s < t and by −A₋e^(−(s−t)/τ₋) where s > t;
 * spikes of one step do not pair. With traces x of pre and y of post spikes: at a post spike Δw = A₊·x, at a pre spike
 * Δw = −A₋·y.
 */
export const stdp = plasticityKind({
  rule: 'stdp',
  examples: [
    { aPlus: 0.05, aMinus: 0.04, bounds: [-0.5, 1.5] },
    { aPlus: 0.05, aMinus: 0.04, pairing: 'nearest', bounds: [-0.5, 1.5], softness: 1 },
  ],
  signal: undefined,
  hasIntegerForm: true,
  parameters: pairParameters,
  prepare: spikePairs,
});
