import { type IntegerForm, RandomGenerator, realWeights, rowsOf, unitOf, weightUnits } from '@spikewire/models';
import { storedWeights } from '../../learn/weight-storage.ts';
import { WholeInput } from './input-format.ts';
import type { NumberForm } from './number-form.ts';
import { planIntegerPopulation, sumBitsOf } from './plan-integer-population.ts';

/** Whole numbers, bit for bit those of the integer form. `seed` is that of the rounding of learned weights. */
export function wholeForm({ quantization, wiring, largestSums }: IntegerForm, seed: number | bigint): NumberForm {
  return {
    values: 'int32',
    hasKernel: () => true,
    isAdaptive: () => false,
    sumsOf: (place) => (sumBitsOf(largestSums.get(place)!) === 16 ? 'int16' : 'int32'),
    shiftOf: ({ name }) => quantization.connections.get(name)?.shift ?? 0,
    biasOf: () => undefined,
    weight: (value) => value,
    population: (site) =>
      planIntegerPopulation(site, quantization.neurons.get(site.node.name)!, largestSums.get(site.place)!),
    unitOf: (place) => unitOf(wiring, place, quantization),
    inputFormat: ({ name }) => new WholeInput(quantization.inputs.get(name)!),
    learnedWeights({ name, place, connectivity, declarations }, packed) {
      const base = connectivity.weights!;
      const options = {
        base,
        rowLength: base.length / rowsOf(connectivity),
        unit: weightUnits(wiring, place, quantization),
        maximum: 127,
        random: new RandomGenerator(seed, `weights of ${name}`),
        changed: (k: number, q: number) => packed.write(k, q),
      };
      return storedWeights(declarations, options);
    },
    realWeights: (place, integers) => realWeights(wiring, place, quantization, integers),
  };
}
