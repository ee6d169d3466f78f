import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { NeuronKind } from './neuron-kind.ts';

const parameters = {
  r: { doc: 'gain R of the input, per second', unit: '1/s', form: 'elements', default: 1 },
  v_initial: { doc: 'state at the start', form: 'elements', default: 0 },
} as const satisfies ParameterTable;

/**
 * Integrator without leak, a read-out (NIR `I`): dv/dt = R·I; emits v after the update. A step is v += dt·R·I in every
 * scheme.
 */
export const integrator: NeuronKind = {
  type: 'I',
  role: 'neuron',
  examples: [{ node: { r: 10, v_initial: 0.3 }, dt: 1e-3, weight: 1 }],
  emits: 'state',
  parameters,

  prepare(node, size, { dt }) {
    const { r: resistance, v_initial } = elementsOf(node, size, parameters);
    return {
      initial: { v: v_initial },
      constants: [resistance],
      step(i, [current], { v }) {
        v![i]! += dt * resistance[i]! * current![i]!;
        return v![i]!;
      },
    };
  },

  linear(node, size, { dt }) {
    const { r: resistance, v_initial } = elementsOf(node, size, parameters);
    return {
      decay: new Float64Array(size).fill(1),
      gain: resistance.map((r) => dt * r),
      bias: new Float64Array(size),
      initial: { v: v_initial },
    };
  },
};
