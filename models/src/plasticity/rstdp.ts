import type { PlasticityKind } from './rule.ts';
import { pairParameters } from './spike-pairs.ts';
import { stdp } from './stdp.ts';

/**
 * Reward-modulated STDP (Izhikevich 2007; Frémaux and Gerstner 2016, eq. 7): what pair STDP would change goes into an eligibility trace c
 * of each synapse, dc/dt = −c/τ_e + STDP; a reward R changes each weight by Δw = η·R·c. A reward d seconds late thus still finds
 * e^(−d/τ_e) of what it is about. R is what the teacher says, positive or negative; whatever is expected should be subtracted there.
 */
export const rewardModulated: PlasticityKind = {
  rule: 'rstdp',
  signal: 'reward',
  parameters: {
    learningRate: { doc: 'η, change per reward and eligibility', form: 'elements', default: 1 },
    ...pairParameters,
    tauEligibility: { doc: 'time constant τ_e of the eligibility', unit: 's', form: 'elements', default: 1, above: 0 },
  },
  prepare(parameters, site) {
    const learningRate = Number(parameters.learningRate);
    return {
      ...stdp.prepare(parameters, site),
      eligibility: {
        tau: Number(parameters.tauEligibility),
        factor: (_j, { signal }) => learningRate * signal[0]!,
      },
    };
  },
};
