import type { ResolvedNode } from '@spikewire/models';
import { FloatWeights } from '../../learn/weights/float-weights.ts';
import { FloatInput } from '../input-format.ts';
import { clampedFloat32 } from '../kernels/float-numbers.ts';
import type { NumberForm } from '../number-form.ts';
import { adaptiveDynamics, planAdaptivePopulation } from '../populations/adaptive.ts';
import { planFloatPopulation } from '../populations/float.ts';
import { exactNumbers } from './exact-sums.ts';
import { PlacedWeights } from './placed-weights.ts';

/** Float32, and whole numbers where they give the same bits. */
export const floatForm: NumberForm = {
  values: 'float32',
  hasKernel: (node) => isLinear(node) || adaptiveDynamics(node) !== undefined,
  isAdaptive: (node) => !isLinear(node) && adaptiveDynamics(node) !== undefined,
  placed: exactNumbers,
  biasOf: ({ bias }) => bias,
  weight: clampedFloat32,
  population(site) {
    const adaptive = isLinear(site.node) ? undefined : adaptiveDynamics(site.node);
    return adaptive === undefined ? planFloatPopulation(site) : planAdaptivePopulation(site, adaptive);
  },
  unitOf: () => 1,
  inputFormat: () => new FloatInput(),
  learnedWeights({ connectivity }, packed, kernels) {
    const base = connectivity.weights!;
    const { strides } = packed.packing;
    return strides === undefined
      ? new PlacedWeights(packed, base)
      : new FloatWeights(packed.values as Float32Array, base, strides, kernels);
  },
  realWeights: (_index, weights) => weights,
};

function isLinear({ kind }: ResolvedNode): boolean {
  return kind.role === 'neuron' && kind.linear !== undefined && (kind.ports?.length ?? 1) === 1;
}
