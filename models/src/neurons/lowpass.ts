import { leakyParameters, leakyReadOut } from './leaky.ts';
import type { NeuronKind } from './neuron-kind.ts';

/** First-order low-pass, the synapse of the NEF: τ dv/dt = I − v; emits v after the update. */
export const lowpass: NeuronKind = {
  type: 'Lowpass',
  role: 'neuron',
  examples: [{ node: { tau: 0.02 }, dt: 1e-3, weight: 1 }],
  emits: 'state',
  parameters: {
    tau: leakyParameters.tau,
    v_initial: { doc: 'state at the start', form: 'elements', default: 0 },
  },
  ...leakyReadOut,
};
