import { plasticityKind } from './rule.ts';
import { pairParameters, spikePairs } from './spike-pairs.ts';

/**
 * Reward-modulated STDP (Izhikevich 2007; Frémaux and Gerstner 2016, eq. 7): what pair STDP would change goes into an
 * eligibility trace c of each synapse, dc/dt = −c/τ_e + STDP; a reward R changes each weight by Δw = η·R·c. A reward d
 * seconds late thus still finds e^(−d/τ_e) of what it is about. R is what the teacher says, positive or negative;
 * whatever is expected should be subtracted there.
 */
export const rewardModulated = plasticityKind({
  rule: 'rstdp',
  examples: [{ learningRate: 0.3, aPlus: 0.2, aMinus: 0.1, tauEligibility: 0.05, bounds: [-1, 1.5] }],
  signal: 'reward',
  parameters: {
    learningRate: { doc: 'η, change per reward and eligibility', form: 'number', default: 1 },
    ...pairParameters,
    tauEligibility: { doc: 'time constant τ_e of the eligibility', unit: 's', form: 'number', default: 1, above: 0 },
  },
  prepare({ learningRate, tauEligibility, ...pairs }) {
    return {
      ...spikePairs(pairs),
      eligibility: { tau: tauEligibility, factor: (_j, { signal }) => learningRate * signal[0]! },
    };
  },
});
