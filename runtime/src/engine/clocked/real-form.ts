import type { ResolvedNode } from '@spikewire/models';
import { FloatWeights } from '../../learn/float-weights.ts';
import { exactNumbers } from './exact-sums.ts';
import { RealInput } from './input-format.ts';
import type { NumberForm } from './number-form.ts';
import { PlacedWeights } from './placed-weights.ts';
import { adaptiveDynamics, planAdaptivePopulation } from './populations/adaptive.ts';
import { planRealPopulation } from './populations/real.ts';
import { kept } from './real-numbers.ts';

/** Float32, and whole numbers where they give the same bits. */
export const realForm: NumberForm = {
  values: 'float32',
  hasKernel: (node) => isLinear(node) || adaptiveDynamics(node) !== undefined,
  isAdaptive: (node) => !isLinear(node) && adaptiveDynamics(node) !== undefined,
  placed: exactNumbers,
  biasOf: ({ bias }) => bias,
  weight: kept,
  population(site) {
    const adaptive = isLinear(site.node) ? undefined : adaptiveDynamics(site.node);
    return adaptive === undefined ? planRealPopulation(site) : planAdaptivePopulation(site, adaptive);
  },
  unitOf: () => 1,
  inputFormat: () => new RealInput(),
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
