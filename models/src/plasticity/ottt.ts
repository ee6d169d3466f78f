import { pseudoDerivative, pseudoDerivativeParameters } from './pseudo-derivative.ts';
import { plasticityKind } from './rule.ts';

/**
 * Online training through time (Xiao et al. 2022, eq. 7 and 8): the gradient of a loss with respect to a weight, step
 * by step, from one trace per pre neuron, whatever the number of steps: Δw_ij = −η·E_j·ψ_j·â_i with â_i[t] = λâ_i[t−1]
 * + s_i[t], λ = e^(−dt/τ) the decay of the post membrane, ψ the pseudo-derivative of its spike, E_j = ∂loss/∂output_j
 * in this step. For one layer whose reset is by subtraction and not differentiated this is the exact gradient, up to
 * the input's gain, which belongs to η.
 *
 * A hidden layer gets its E through `feedback`.
 */
export const ottt = plasticityKind({
  rule: 'ottt',
  examples: [{ learningRate: 0.02 }],
  signal: 'error',
  parameters: {
    learningRate: { doc: 'η', form: 'number', default: 1e-3, minimum: 0 },
    tau: { doc: 'time constant of the post membrane', unit: 's', form: 'number', default: 0.02, minimum: 0 },
    ...pseudoDerivativeParameters,
  },
  prepare(parameters, site) {
    const { learningRate } = parameters;
    const slope = pseudoDerivative(parameters, site);
    return {
      traces: [{ name: 'pre', side: 'pre', mode: 'add', tau: parameters.tau }, ...slope.traces],
      onSignal: {
        trace: 0,
        factor: (j, view) => (view.signal[j] === 0 ? 0 : -learningRate * view.signal[j]! * slope.at(j, view)),
      },
    };
  },
});
