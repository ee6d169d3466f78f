import type { NeuronKind } from '../graph/kind.ts';
import { leakyEquations, leakyLinear, leakyParameters } from './leaky.ts';

/** Leaky integrator, a read-out (NIR `LI`): τ dv/dt = (v_leak − v) + R·I; emits v after the update. */
export const leakyIntegrator: NeuronKind = {
  type: 'LI',
  role: 'neuron',
  emits: 'state',
  parameters: leakyParameters,

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
