import type { NeuronKind } from '../graph/kind.ts';
import { elementsOf } from './elements.ts';

/** Integrator without leak, a read-out (NIR `I`): dv/dt = R·I; emits v after the update. A step is v += dt·R·I in every scheme. */
export const integrator: NeuronKind = {
  type: 'I',
  role: 'neuron',
  emits: 'state',
  parameters: {
    r: { doc: 'gain R of the input, per second', unit: '1/s', form: 'elements', default: 1 },
    v_initial: { doc: 'state at the start', form: 'elements', default: 0 },
  },

  prepare(node, size, { dt }) {
    const resistance = elementsOf(node, 'r', size, 1);
    return {
      initial: { v: elementsOf(node, 'v_initial', size) },
      constants: [resistance],
      step(i, [current], { v }) {
        v![i]! += dt * resistance[i]! * current![i]!;
        return v![i]!;
      },
    };
  },

  linear(node, size, { dt }) {
    return {
      decay: new Float64Array(size).fill(1),
      gain: elementsOf(node, 'r', size, 1).map((r) => dt * r),
      bias: new Float64Array(size),
      initial: { v: elementsOf(node, 'v_initial', size) },
    };
  },
};
