import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { NeuronKind } from './neuron-kind.ts';

const parameters = {
  ceiling: { doc: 'what it emits at most; absent: no limit', form: 'elements', above: 0, optional: true },
} as const satisfies ParameterTable;

/**
 * Rectifier, the unit of analogue nets: emits max(0, x) of what arrives in this step, at most its ceiling, and
 * remembers nothing. `v` is what arrived. Such a net is trained like a spiking one, compared with it, and converted
 * into one.
 */
export const relu: NeuronKind = {
  type: 'ReLU',
  role: 'neuron',
  examples: [
    { node: {}, dt: 1e-3, weight: 1 },
    { node: { ceiling: 0.5 }, dt: 1e-3, weight: 1 },
  ],
  emits: 'state',
  slope(node, size) {
    const { ceiling } = elementsOf(node, size, parameters);
    return (v, i) => (v > 0 && v < (ceiling?.[i] ?? Number.POSITIVE_INFINITY) ? 1 : 0);
  },
  parameters,

  /** A read-out that forgets, and hands on no less than 0 and no more than its ceiling. */
  integer(node, size) {
    const { ceiling } = elementsOf(node, size, parameters);
    const zeros = () => new Float64Array(size);
    const range = { floor: zeros(), ...(ceiling && { ceiling }) };
    return { decay: zeros(), gain: new Float64Array(size).fill(1), bias: zeros(), ...range, initial: { v: zeros() } };
  },

  prepare(node, size) {
    const { ceiling } = elementsOf(node, size, parameters);
    return {
      initial: { v: new Float64Array(size) },
      constants: ceiling === undefined ? [] : [ceiling],
      step(i, [arriving], { v }) {
        v![i] = arriving![i]!;
        return Math.min(Math.max(0, v![i]!), ceiling?.[i] ?? Number.POSITIVE_INFINITY);
      },
    };
  },
};
