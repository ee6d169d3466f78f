import type { NeuronKind } from '../graph/kind.ts';
import { leakyEquations, leakyLinear, leakyParameters } from './leaky.ts';

/** First-order low-pass, the synapse of the NEF: τ dv/dt = I − v; emits v after the update. */
export const lowpass: NeuronKind = {
  type: 'Lowpass',
  role: 'neuron',
  emits: 'state',
  parameters: { tau: leakyParameters.tau!, v_initial: { doc: 'state at the start', form: 'elements', default: 0 } },

  prepare(node, size, semantics) {
    const { initial, integrate } = leakyEquations(node, size, semantics);
    return {
      initial: { v: initial },
      step(i, [current], { v }) {
        v![i] = integrate(i, v![i]!, current![i]!);
        return v![i]!;
      },
    };
  },

  linear: leakyLinear,
};
