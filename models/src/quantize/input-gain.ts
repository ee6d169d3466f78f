import type { LinearDynamics } from '../neurons/neuron-kind.ts';

/**
 * What arrives is multiplied by `gain` to count in the unit of the membrane. A current (CubaLIF) is kept in units of
 * which the membrane's is `currentWorth`: 1, or the gain from current to membrane where that is above 1, so that G
 * stays at most 2^15.
 */
export function inputGain({ gain, current }: LinearDynamics): { gain: Float64Array; currentWorth: Float64Array } {
  const currentWorth = gain.map((factor) => (current === undefined ? 1 : Math.max(1, factor)));
  return { gain: (current?.gain ?? gain).map((factor, i) => factor * currentWorth[i]!), currentWorth };
}
