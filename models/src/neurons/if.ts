import { elementsOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { fire, firingParameters, fixedThreshold, isResting, prepareFiring } from './firing.ts';
import type { NeuronKind } from './neuron-kind.ts';

const parameters = {
  r: { doc: 'gain R of the input, per second', unit: '1/s', form: 'elements', default: 1 },
  v_initial: { doc: 'membrane at the start', form: 'elements', default: 0 },
  ...firingParameters,
} as const satisfies ParameterTable;

/** Integrate-and-fire without leak (NIR `IF`): dv/dt = R·I. The firing rate is R·I/θ. */
export const integrateAndFire: NeuronKind = {
  type: 'IF',
  role: 'neuron',
  examples: [{ node: { r: 200, v_threshold: 1 }, dt: 1e-3, weight: 2 }],
  emits: 'spikes',
  crossing: fixedThreshold,
  parameters,

  prepare(node, size, semantics) {
    const { r: resistance, v_initial } = elementsOf(node, size, parameters);
    const firing = prepareFiring(node, size, semantics);
    return {
      initial: { v: v_initial, refractory: new Float64Array(size) },
      constants: [resistance, firing],
      step(i, [current], { v, refractory }) {
        if (isResting(i, refractory!)) return 0;
        v![i]! += semantics.dt * resistance[i]! * current![i]!;
        return fire(firing, i, v!, refractory!);
      },
    };
  },

  linear(node, size, semantics) {
    const { r: resistance, v_initial } = elementsOf(node, size, parameters);
    return {
      decay: new Float64Array(size).fill(1),
      gain: resistance.map((r) => semantics.dt * r),
      bias: new Float64Array(size),
      firing: prepareFiring(node, size, semantics),
      initial: { v: v_initial, refractory: new Float64Array(size) },
    };
  },
};
