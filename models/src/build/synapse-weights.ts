import { SpikewireError } from '../error.ts';
import type { RandomGenerator } from '../random/generator.ts';

/**
 * The weights of a connection: one for all, drawn for each synapse, or worked out from source and target (counted
 * within their groups).
 */
export type SynapseWeights =
  | number
  | { readonly uniform: readonly [lowest: number, highest: number] }
  | { readonly normal: readonly [mean: number, deviation: number] }
  | ((source: number, target: number) => number);

/** Whether a synapse raises or lowers its target. Weights are then given as magnitudes. */
export type SynapseSign = 'excitatory' | 'inhibitory';

/** The weight of a synapse from the `source`th to the `target`th element. */
export type WeightOf = (source: number, target: number) => number;

/**
 * Weights with their sign. With a sign, drawn magnitudes below 0 become 0 (the tail of a normal distribution); a given
 * one is an error of code `parameter`.
 */
export function weightsOf(
  weights: SynapseWeights,
  sign: SynapseSign | undefined,
  random: RandomGenerator,
  where: string,
): WeightOf {
  const magnitude = unsigned(weights, random);
  if (sign === undefined) return magnitude;
  if (sign !== 'excitatory' && sign !== 'inhibitory')
    throw new SpikewireError('parameter', where, `has the sign "${sign}"`, 'excitatory or inhibitory');
  const factor = sign === 'excitatory' ? 1 : -1;
  if (typeof weights === 'object') return (source, target) => factor * Math.max(0, magnitude(source, target));
  return (source, target) => {
    const weight = magnitude(source, target);
    if (weight >= 0) return factor * weight;
    throw new SpikewireError('parameter', where, `has the weight ${weight}`, `a magnitude from 0: it is ${sign}`);
  };
}

function unsigned(weights: SynapseWeights, random: RandomGenerator): WeightOf {
  if (typeof weights === 'number') return () => weights;
  if (typeof weights === 'function') return weights;
  if ('uniform' in weights) {
    const [lowest, highest] = weights.uniform;
    return () => lowest + (highest - lowest) * random.nextUniform();
  }
  const [mean, deviation] = weights.normal;
  return () => mean + deviation * random.nextNormal();
}
