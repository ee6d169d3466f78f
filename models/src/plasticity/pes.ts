import { plasticityKind } from './rule.ts';

/**
 * Prescribed error sensitivity (MacNeil and Eliasmith 2011), the delta rule of the NEF:
 * Δd_ij = −κ·dt/n · a_i·E_j with E = actual − target, a the filtered activity in Hz, n the number of pre neurons.
 *
 * Decoders d act on rates (output per Hz); a synapse acts on spikes of value 1, so its weight is d/dt and the change of
 * the weight is Δd/dt = −κ/n · a_i·E_j.
 *
 * Full-weight form, Δω_ij = −κ·dt/n · a_i·α_j(e_j·E): the same rule on a connection from neurons to neurons, with a
 * `feedback` of the error forward through the encoders of the post ensemble, which are α_j·e_j.
 */
export const pes = plasticityKind({
  rule: 'pes',
  examples: [{ learningRate: 0.001 }],
  signal: 'error',
  hasIntegerForm: true,
  parameters: {
    learningRate: { doc: 'κ', unit: '1/s', form: 'number', default: 1e-4, minimum: 0 },
    tauPre: { doc: 'time constant of the activity a', unit: 's', form: 'number', default: 0.005, minimum: 0 },
  },
  prepare({ learningRate, tauPre }, { inputs }) {
    const rate = learningRate / inputs;
    return {
      traces: [{ name: 'activity', side: 'pre', mode: 'rate', tau: tauPre }],
      onSignal: { trace: 0, factor: (j, { signal }) => -rate * signal[j]! },
    };
  },
});
