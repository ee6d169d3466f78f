import { positionsOf, slotOf } from './emission-ring';
import {
  clampedAfterSpike,
  clampedIn16,
  clampedIn32,
  multiplied,
  multipliedQ15,
  parameter,
  saturated,
  shifted,
  shiftedRight,
} from './integer-arithmetic';
import { address, operand } from './memory';
import * as population from './population';
import { AdaptingPopulation, PopulationFlags } from './names.generated';

// The step of a population in whole numbers whose thresholds adapt (integer form, exact): V is the type of membranes, X
// of accumulators. One spike per neuron at most, no current.

export function stepAdaptiveIntegers<V, X>(p: usize): void {
  const slot = slotOf(address(p, AdaptingPopulation.list), 0);
  const length = operand(p, AdaptingPopulation.length);
  const period = operand(p, AdaptingPopulation.period);
  let next = positionsOf(slot);
  for (let position = 0, entry = 0; position < length; position += 16, entry += 16) {
    if (entry == period) entry = 0;
    const m0 = stepFour<V, X>(p, position, entry);
    const m1 = stepFour<V, X>(p, position + 4, entry + 4);
    const m2 = stepFour<V, X>(p, position + 8, entry + 8);
    const m3 = stepFour<V, X>(p, position + 12, entry + 12);
    next = population.appendMask(next, position, population.bytesOf(m0, m1, m2, m3), 0);
  }
  population.finish(slot, next);
}

/** Four parameters from `entry` on. */
// @ts-ignore: decorator
@inline
function parameters(p: usize, index: i32, entry: i32): v128 {
  return v128.load(address(p, index) + (<usize>entry << 2));
}

/** Four neurons; returns the mask of those that spike. */
function stepFour<V, X>(p: usize, position: i32, entry: i32): v128 {
  const flags = operand(p, AdaptingPopulation.flags);
  const theta = address(p, AdaptingPopulation.theta) + (<usize>position << 2);
  const fallen = multiplied<i32>(v128.load(theta), parameters(p, AdaptingPopulation.thetaDecay, entry));
  const raised = i32x4.shr_s(fallen, operand(p, AdaptingPopulation.thetaFraction));
  const threshold = parameters(p, AdaptingPopulation.threshold, entry);
  const level = i32x4.add(threshold, raised);
  const reset = parameters(p, AdaptingPopulation.reset, entry);
  const subtracts = (flags & PopulationFlags.subtract) != 0;
  const taken = subtracts ? i32x4.add(reset, raised) : reset;
  const wide = v128.or(overflow(threshold, raised, level), subtracts ? overflow(reset, raised, taken) : i32x4.splat(0));
  // Only a threshold near the end of 32 bits gets there.
  if (v128.any_true(i32x4.shr_s(wide, 31))) return stepOneByOne<V, X>(p, flags, position, entry);

  const accumulator = address(p, AdaptingPopulation.accumulator) + <usize>position * sizeof<X>();
  const arrived = sizeof<X>() == 2 ? v128.load16x4_s(accumulator) : v128.load(accumulator);
  if (sizeof<X>() == 2) store<u64>(accumulator, 0);
  else v128.store(accumulator, i32x4.splat(0));
  const membrane = address(p, AdaptingPopulation.membrane) + <usize>position * sizeof<V>();
  const before = sizeof<V>() == 2 ? v128.load16x4_s(membrane) : v128.load(membrane);
  const entering = shifted(arrived, operand(p, AdaptingPopulation.fraction));
  const drive = i32x4.add(entering, parameters(p, AdaptingPopulation.bias, entry));
  const decayed = multiplied<V>(before, parameters(p, AdaptingPopulation.decay, entry));
  const refractory = address(p, AdaptingPopulation.refractory) + (<usize>position << 2);
  let awake = i32x4.splat(-1);
  if (flags & PopulationFlags.refractory) awake = i32x4.le_s(v128.load(refractory), i32x4.splat(0));
  let v = i32x4.add(decayed, drive);
  const over = v128.and(i32x4.shr_s(overflow(decayed, drive, v), 31), awake);
  if (v128.any_true(over)) v = clampedIn32(p, v, decayed, over, sizeof<V>() == 4);
  if (sizeof<V>() == 2) v = clampedIn16(p, v, awake);
  if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, parameters(p, AdaptingPopulation.minimum, entry));

  const fired = v128.and(i32x4.gt_s(v, level), awake);
  if (v128.any_true(fired)) {
    if (subtracts) {
      const lost = v128.and(taken, fired);
      v = clampedAfterSpike<V>(p, v, lost, i32x4.sub(v, lost), fired);
    } else {
      v = v128.bitselect(reset, v, fired);
    }
    if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, parameters(p, AdaptingPopulation.minimum, entry));
  }
  v128.store(theta, risen(p, fallen, v128.and(parameters(p, AdaptingPopulation.thetaRise, entry), fired)));
  if (flags & PopulationFlags.refractory) {
    v = v128.bitselect(v, before, awake);
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    v128.store(refractory, v128.bitselect(parameters(p, AdaptingPopulation.refractorySteps, entry), rested, fired));
  }
  if (sizeof<V>() == 2) v128.store64_lane(membrane, i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(membrane, v);
  return fired;
}

/** Negative where the sum of a and b left 32 bits. */
// @ts-ignore: decorator
@inline
function overflow(a: v128, b: v128, sum: v128): v128 {
  return v128.and(v128.xor(a, sum), v128.xor(b, sum));
}

/** `theta` + `rise` within 32 bits. */
// @ts-ignore: decorator
@inline
function risen(p: usize, theta: v128, rise: v128): v128 {
  const sum = i32x4.add(theta, rise);
  const over = i32x4.shr_s(overflow(theta, rise, sum), 31);
  return v128.any_true(over) ? clampedIn32(p, sum, theta, over, true) : sum;
}

/** The same four in wide numbers. */
function stepOneByOne<V, X>(p: usize, flags: i32, position: i32, entry: i32): v128 {
  let fired = i32x4.splat(0);
  if (stepNeuron<V, X>(p, flags, position, entry)) fired = i32x4.replace_lane(fired, 0, -1);
  if (stepNeuron<V, X>(p, flags, position + 1, entry + 1)) fired = i32x4.replace_lane(fired, 1, -1);
  if (stepNeuron<V, X>(p, flags, position + 2, entry + 2)) fired = i32x4.replace_lane(fired, 2, -1);
  if (stepNeuron<V, X>(p, flags, position + 3, entry + 3)) fired = i32x4.replace_lane(fired, 3, -1);
  return fired;
}

/** Whether the neuron spikes. */
function stepNeuron<V, X>(p: usize, flags: i32, position: i32, entry: i32): bool {
  const arrivals = address(p, AdaptingPopulation.accumulator) + <usize>position * sizeof<X>();
  const arrived = <i64>load<X>(arrivals);
  store<X>(arrivals, 0);
  const theta = address(p, AdaptingPopulation.theta) + (<usize>position << 2);
  const fallen = multipliedQ15(<i64>load<i32>(theta), parameter(p, AdaptingPopulation.thetaDecay, entry));
  store<i32>(theta, <i32>fallen);
  const refractory = address(p, AdaptingPopulation.refractory) + (<usize>position << 2);
  if (flags & PopulationFlags.refractory && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return false;
  }
  const fraction = operand(p, AdaptingPopulation.fraction);
  const entering = fraction >= 0 ? arrived << fraction : shiftedRight(arrived, -fraction);
  const membrane = address(p, AdaptingPopulation.membrane) + <usize>position * sizeof<V>();
  const decayed = multipliedQ15(<i64>load<V>(membrane), parameter(p, AdaptingPopulation.decay, entry));
  const minimum = flags & PopulationFlags.minimum ? parameter(p, AdaptingPopulation.minimum, entry) : i64.MIN_VALUE;
  const v = max<i64>(saturated<V>(p, decayed + entering + parameter(p, AdaptingPopulation.bias, entry)), minimum);
  const raised = fallen >> operand(p, AdaptingPopulation.thetaFraction);
  if (v <= parameter(p, AdaptingPopulation.threshold, entry) + raised) {
    store<V>(membrane, <V>v);
    return false;
  }
  const reset = parameter(p, AdaptingPopulation.reset, entry);
  const after = flags & PopulationFlags.subtract ? saturated<V>(p, v - reset - raised) : reset;
  store<V>(membrane, <V>max<i64>(after, minimum));
  store<i32>(theta, <i32>saturated<i32>(p, fallen + parameter(p, AdaptingPopulation.thetaRise, entry)));
  if (flags & PopulationFlags.refractory) store<i32>(refractory, <i32>parameter(p, AdaptingPopulation.refractorySteps, entry));
  return true;
}
