import type { GraphNode } from '../graph/graph.ts';
import type { NeuronKind } from '../graph/kind.ts';
import { numbersOf } from '../graph/parameter.ts';
import { broadcast } from '../tensor.ts';
import { fire, firingParameters, isResting, prepareFiring } from './firing.ts';

/** Integrate-and-fire without leak (NIR `IF`): dv/dt = R·I. The firing rate is R·I/θ. */
export const integrateAndFire: NeuronKind = {
  type: 'IF',
  role: 'neuron',
  emits: 'spikes',
  parameters: {
    r: { doc: 'gain R of the input, per second', unit: '1/s', form: 'elements', default: 1 },
    v_initial: { doc: 'membrane at the start', form: 'elements', default: 0 },
    ...firingParameters,
  },

  prepare(node, size, semantics) {
    const resistance = elements(node, 'r', 1, size);
    const firing = prepareFiring(node, size, semantics);
    return {
      initial: { v: elements(node, 'v_initial', 0, size), refractory: new Float64Array(size) },
      step(i, [current], { v, refractory }) {
        if (isResting(i, refractory!)) return 0;
        v![i]! += semantics.dt * resistance[i]! * current![i]!;
        return fire(firing, i, v!, refractory!);
      },
    };
  },

  linear(node, size, semantics) {
    return {
      decay: new Float64Array(size).fill(1),
      gain: elements(node, 'r', 1, size).map((r) => semantics.dt * r),
      bias: new Float64Array(size),
      firing: prepareFiring(node, size, semantics),
      initial: { v: elements(node, 'v_initial', 0, size), refractory: new Float64Array(size) },
    };
  },
};

function elements(node: GraphNode, key: string, otherwise: number, size: number): Float64Array {
  const value = numbersOf(node, key);
  return value === undefined ? new Float64Array(size).fill(otherwise) : broadcast(value, size);
}
