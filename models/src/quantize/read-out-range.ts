import type { LinearDynamics } from '../graph/kind.ts';
import { LEARNED_MAXIMUM } from './integer-form.ts';
import type { WeightRange } from './scales.ts';

/** How many deviations of independent inputs a read-out can show without a calibration. */
const DEVIATIONS = 4;

/** A read-out whose range nobody measured. */
export interface UnmeasuredState {
  readonly dynamics: LinearDynamics;
  readonly scale: Float64Array;
  /** Largest sums of arrivals, in units. */
  readonly largestSums: Float64Array;
  /** Root of the summed squares of arrivals, in units. */
  readonly spread: Float64Array;
  /** Real biases of the connections before, times the input gain. */
  readonly bias: Float64Array;
}

/**
 * The magnitude that the state of a read-out is assumed to reach: what its inputs can drive it to all together, but no
 * more than four deviations of inputs that are independent. Of a hundred inputs hardly ever all push one way, and 8
 * bits that had to show it would show little else. No more than a ceiling; infinite where there is neither that nor a
 * leak.
 */
export function assumedRange({ dynamics, scale, largestSums, spread, bias }: UnmeasuredState): number {
  let range = 0;
  for (let i = 0; i < scale.length; i++) {
    const driven = Math.min(largestSums[i]!, DEVIATIONS * spread[i]!) * scale[i]!;
    const pushed = driven + Math.abs(dynamics.bias[i]!) + Math.abs(bias[i]!);
    const reached = Math.min(pushed / (1 - Math.abs(dynamics.decay[i]!)), dynamics.ceiling?.[i] ?? Infinity);
    range = Math.max(range, Math.abs(dynamics.initial.v![i]!), reached);
  }
  return range;
}

/**
 * Adds the squares of what an afferent brings each neuron; learned weights count as grown by their headroom, or to
 * their clip.
 */
export function addSquares(
  { afferent, learning }: WeightRange,
  integers: Int8Array,
  shift: number,
  arriving: Float64Array,
  squares: Float64Array,
): void {
  const isSilent = integers.every((q) => q === 0);
  const sizeOf = (q: number) => {
    if (learning === undefined) return q;
    return isSilent ? LEARNED_MAXIMUM : Math.min(LEARNED_MAXIMUM, q * learning.headroom);
  };
  for (let input = 0; input < arriving.length; input++) {
    afferent.connectivity.forEachSynapse(input, (output, weight) => {
      const brought = sizeOf(Math.abs(integers[weight]!)) * 2 ** shift * arriving[input]!;
      for (const neuron of afferent.reach(output)) squares[neuron]! += brought ** 2;
    });
  }
}
