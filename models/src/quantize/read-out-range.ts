import type { LinearDynamics } from '../neurons/neuron-kind.ts';
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
  /** After so many it starts anew; infinite: never. */
  readonly steps: number;
}

/**
 * The magnitude that the state of a read-out is assumed to reach: what its inputs can drive it to all together, but no
 * more than four deviations of inputs that are independent. Of a hundred inputs hardly ever all push one way, and 8
 * bits that had to show it would show little else. Where there is no leak, they drive it so far in each step until it
 * starts anew. No more than a ceiling; infinite where there is none of these.
 */
export function assumedRange(state: UnmeasuredState): number {
  return reached(state, DEVIATIONS).reduce((a, b) => Math.max(a, b), 0);
}

/**
 * The root of the mean square of what a read-out hands on, if its inputs are independent; of rectifiers half of the
 * square is left (He et al. 2015, section 2.2). Read-outs behind it add up such numbers, hardly ever the largest:
 * ranges that came of these would grow tenfold with each layer.
 */
export function usualSize(state: UnmeasuredState): number {
  const sizes = reached(state, 1);
  const square = sizes.reduce((sum, size) => sum + size * size, 0) / sizes.length;
  return Math.sqrt(state.dynamics.floor ? square / 2 : square);
}

/** How far so many deviations of its inputs drive the state of each neuron. */
function reached(
  { dynamics, scale, largestSums, spread, bias, steps }: UnmeasuredState,
  deviations: number,
): Float64Array {
  return scale.map((worth, i) => {
    const driven = Math.min(largestSums[i]!, deviations * spread[i]!) * worth;
    const pushed = driven + Math.abs(dynamics.bias[i]!) + Math.abs(bias[i]!);
    const start = Math.abs(dynamics.initial.v![i]!);
    const leak = 1 - Math.abs(dynamics.decay[i]!);
    const summed = leak === 0 ? start + pushed * steps : pushed / leak;
    return Math.max(start, Math.min(summed, dynamics.ceiling?.[i] ?? Infinity));
  });
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
