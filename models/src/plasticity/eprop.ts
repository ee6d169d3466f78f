import { pseudoDerivative, pseudoDerivativeParameters } from './pseudo-derivative.ts';
import { plasticityKind } from './rule.ts';

/**
 * e-prop (Bellec et al. 2020, eq. 21 to 28 for LIF neurons): each synapse keeps an eligibility ē_ij[t] = κē_ij[t−1] +
 * ψ_j[t]·z̄_i[t], z̄ the pre spikes low-passed with the decay of the post membrane, ψ the pseudo-derivative, κ =
 * e^(−dt/τ_out) the decay of the read-out behind; the error then changes Δw_ij = −η·E_j·ē_ij. So a label at the end of
 * a sample reaches all its steps, on O(1) memory in their number. With tauOut → 0 it is `ottt`.
 *
 * Into ALIF (eq. 24 and 25) θ is what a synapse has raised too: e = ψ_j·(z̄_i − rise_j·s_ij) takes the place of
 * ψ_j·z̄_i, with s_ij[t] = ρs_ij[t−1] + e_ij[t] and ρ what a step leaves of the adaptation, so that a synapse learns
 * over as long as the threshold remembers.
 *
 * A hidden layer gets its E through `feedback`: backward through the read-out (symmetric), or at random.
 */
export const eprop = plasticityKind({
  rule: 'eprop',
  examples: [{ learningRate: 0.02, feedback: { random: 3 } }],
  signal: 'error',
  parameters: {
    learningRate: { doc: 'η', form: 'number', default: 1e-3, minimum: 0 },
    tau: { doc: 'time constant of the post membrane', unit: 's', form: 'number', default: 0.02, minimum: 0 },
    tauOut: { doc: 'time constant of the read-out behind', unit: 's', form: 'number', default: 0.02, above: 0 },
    ...pseudoDerivativeParameters,
  },
  prepare(parameters, site) {
    const { learningRate } = parameters;
    const slope = pseudoDerivative(parameters, site);
    return {
      traces: [{ name: 'pre', side: 'pre', mode: 'add', tau: parameters.tau }, ...slope.traces],
      onStep: { trace: 0, factor: slope.at },
      eligibility: {
        tau: parameters.tauOut,
        factor: (j, { signal }) => -learningRate * signal[j]!,
        ...(slope.fatigue && { adaptation: slope.fatigue }),
      },
    };
  },
});
