import { plasticityKind } from './rule.ts';

/**
 * Remote supervised method (Ponulak and Kasiński 2010): dw/dt = (S_d − S_o)(a + ∫W(s)S_in(t − s)ds), W(s) = A·e^(−s/τ),
 * s ≥ 0: at each spike that the teacher wants Δw = a + A·x, at each spike of the output Δw = −(a + A·x), x the pre
 * trace with this step's spikes, so that the weights rest where both trains are equal. Inhibitory synapses learn with
 * the signs of a and A turned.
 *
 * The teacher's target is how many spikes each output should have sent in the step; what it did send is taken from the
 * net.
 */
export const resume = plasticityKind({
  rule: 'resume',
  examples: [{ a: 0.005, amplitude: 0.02 }],
  signal: 'target',
  parameters: {
    a: { doc: 'a, change without correlation', form: 'number', default: 1e-3, minimum: 0 },
    amplitude: { doc: 'A, height of the window W', form: 'number', default: 1e-2, minimum: 0 },
    tau: { doc: 'time constant τ of the window', unit: 's', form: 'number', default: 0.005, above: 0 },
    synapses: {
      doc: 'what the synapses are: excitatory, inhibitory',
      form: 'word',
      words: ['excitatory', 'inhibitory'],
      default: 'excitatory',
    },
  },
  prepare({ a, amplitude, tau, synapses }) {
    const sign = synapses === 'inhibitory' ? -1 : 1;
    const [constant, window] = [sign * a, sign * amplitude];
    return {
      traces: [{ name: 'pre', side: 'pre', mode: 'add', tau: tau }],
      order: 'pre-first',
      onPost: { trace: 0, factor: () => -window, offset: () => -constant },
      onSignal: {
        trace: 0,
        factor: (j, { signal }) => window * signal[j]!,
        offset: (j, { signal }) => constant * signal[j]!,
      },
    };
  },
});
