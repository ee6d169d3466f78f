import {
  type IntegerForm,
  neuronConstants,
  type Quantization,
  RandomGenerator,
  type ResolvedGraph,
  realWeights,
  rowsOf,
  unitOf,
  weightUnits,
  wire,
} from '@spikewire/models';
import type { LearnedConnection } from '../../learn/learned-connections.ts';
import { storedWeights } from '../../learn/weights/weight-storage.ts';
import type { LearnedWeights } from '../../learn/weights/weights.ts';
import { WholeInput } from '../input-format.ts';
import type { NumberForm } from '../number-form.ts';
import type { PackedWeights } from '../packed-weights.ts';
import { planIntegerPopulation, sumBitsOf } from '../populations/integer.ts';

/** Whole numbers, bit for bit those of the integer form. `seed` is that of the rounding of learned weights. */
export function integerForm({ quantization, wiring, largestSums }: IntegerForm, seed: number | bigint): NumberForm {
  return {
    values: 'int32',
    hasKernel: () => true,
    isAdaptive: () => false,
    placed: ({ wiring: { graph } }) => ({
      sumsOf: (index) => (sumBitsOf(largestSums.get(index)!) === 16 ? 'int16' : 'int32'),
      exactSumsOf: () => undefined,
      weightsOf: (index) => ({
        isInteger: true,
        shift: quantization.connections.get(graph.nodes[index]!.name)?.shift ?? 0,
        unit: 1,
      }),
      valuesOf: () => 'int32',
    }),
    biasOf: () => undefined,
    weight: (value) => value,
    population: (site) =>
      planIntegerPopulation(site, neuronConstants(quantization, site.node), largestSums.get(site.index)!),
    unitOf: (index) => unitOf(wiring, index, quantization),
    inputFormat: ({ name }) => new WholeInput(quantization.inputs.get(name)!),
    learnedWeights: (connection, packed) =>
      learnedIntegers(connection, packed, weightUnits(wiring, connection.index, quantization), seed),
    realWeights: weightReader(wiring.graph, quantization),
  };
}

/** Apart from the form, as `weightReader` is. */
function learnedIntegers(
  { name, connectivity, declarations }: LearnedConnection,
  packed: PackedWeights,
  unit: Float64Array,
  seed: number | bigint,
): LearnedWeights {
  const base = connectivity.weights!;
  return storedWeights(declarations, {
    base,
    rowLength: base.length / rowsOf(connectivity),
    unit,
    random: new RandomGenerator(seed, `weights of ${name}`),
    changed: (k: number, q: number) => packed.write(k, q),
  });
}

/**
 * Apart from the form, so that a running net which reads weights keeps nothing alive that only its compilation needed.
 */
function weightReader(graph: ResolvedGraph, quantization: Quantization): NumberForm['realWeights'] {
  return (index, integers) => realWeights(wire(graph), index, quantization, integers);
}
