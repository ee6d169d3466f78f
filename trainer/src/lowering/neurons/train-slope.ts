import { add, detach, multiply, subtract } from '../../graph/operations/elementwise.ts';
import type { Value } from '../../graph/operations/value.ts';
import { times } from './coefficient.ts';
import type { Population, SpikeTraining } from './population.ts';

/**
 * The spikes of all steps as they are, but with the derivative of the whole train: that of a spike goes to what arrived
 * in its step, times the gain, and nowhere else. Without such a derivative, or without spikes, they stay.
 */
export function throughTrain(
  spikes: readonly Value[],
  arriving: readonly Value[],
  { spiking }: Population,
  { ofTrain }: SpikeTraining,
): readonly Value[] {
  if (ofTrain === undefined || spiking === undefined) return spikes;
  const fixed = spikes.map(detach);
  const slope = detach(times(ofTrain(fixed, spiking), spiking.gain));
  return fixed.map((spike, step) => withSlope(spike, arriving[step]!, slope));
}

/** Numbers as they are, whose derivative by x is a given one. */
export function withSlope(numbers: Value, x: Value, slope: Value): Value {
  return add(numbers, multiply(subtract(x, detach(x)), slope));
}
