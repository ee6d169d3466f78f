import type { NeuronKind } from '../graph/kind.ts';

/**
 * Rectifier, the unit of analogue nets: emits max(0, x) of what arrives in this step, and remembers nothing. `v` is
 * what arrived. Such a net is trained like a spiking one, compared with it, and converted into one.
 */
export const relu: NeuronKind = {
  type: 'ReLU',
  role: 'neuron',
  examples: [{ node: {}, dt: 1e-3, weight: 1 }],
  emits: 'state',
  slope: (v) => (v > 0 ? 1 : 0),
  parameters: {},

  prepare: (_node, size) => ({
    initial: { v: new Float64Array(size) },
    constants: [],
    step(i, [arriving], { v }) {
      v![i] = arriving![i]!;
      return Math.max(0, v![i]!);
    },
  }),
};
