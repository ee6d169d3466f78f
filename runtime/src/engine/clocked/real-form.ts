import { FloatWeights } from '../../learn/float-weights.ts';
import { RealInput } from './input-format.ts';
import type { NumberForm } from './number-form.ts';
import { PlacedWeights } from './placed-weights.ts';
import { kept, planRealPopulation } from './plan-real-population.ts';

/** Float32. */
export const realForm: NumberForm = {
  lanes: 4,
  values: 'float32',
  hasKernel: ({ kind }) => kind.role === 'neuron' && kind.linear !== undefined && (kind.ports?.length ?? 1) === 1,
  sumsOf: () => 'float32',
  shiftOf: () => 0,
  biasOf: ({ bias }) => bias,
  weight: kept,
  population: planRealPopulation,
  unitOf: () => 1,
  inputFormat: () => new RealInput(),
  learnedWeights({ connectivity }, packed) {
    const base = connectivity.weights!;
    const { strides } = packed.packing;
    return strides === undefined
      ? new PlacedWeights(packed, base)
      : new FloatWeights(packed.values as Float32Array, base, strides);
  },
  realWeights: (_place, weights) => weights,
};
