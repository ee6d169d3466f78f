import { appendSpikes, close, positionsOf, slotOf, valuesOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import * as population from './population';

// The step of a population in whole numbers (integer form, exact): V is the type of membranes, X of accumulators. Sixteen
// neurons at a time where a neuron spikes once at most and has no current, else one by one.

/** Most spikes of a neuron in a step. */
const MANY_SPIKES: i64 = 127;

export function stepIntegers<V, X>(p: usize): void {
  const flags = operand(p, population.FLAGS);
  const single = flags & population.HAS_FIRING && !(flags & (population.HAS_CURRENT | population.SPIKES_MANY));
  if (!single) stepEach<V, X>(p, flags);
  else if (flags & population.NEVER_SATURATES && operand(p, population.FRACTION) >= 0) stepBounded<V, X>(p, flags);
  else stepLanes<V, X>(p, flags, false);
}

/** The usual cases apart, so that their inner loop asks nothing. */
function stepBounded<V, X>(p: usize, flags: i32): void {
  switch (flags & (population.HAS_REFRACTORY | population.HAS_MINIMUM | population.RESETS_BY_SUBTRACTION)) {
    case 0:
      if (sizeof<V>() == 4) stepPlain<X>(p, false);
      else stepLanes<V, X>(p, 0, true);
      break;
    case population.RESETS_BY_SUBTRACTION:
      if (sizeof<V>() == 4) stepPlain<X>(p, true);
      else stepLanes<V, X>(p, population.RESETS_BY_SUBTRACTION, true);
      break;
    default:
      stepLanes<V, X>(p, flags, true);
  }
}

/** Bounded membranes of 32 bits that leak, take their input, fire and are reset, and nothing else. */
// @ts-ignore: decorator
@inline
function stepPlain<X>(p: usize, subtracts: bool): void {
  const slot = slotOf(address(p, population.LIST), 0);
  const positions = positionsOf(slot);
  const length = operand(p, population.LENGTH);
  const period = operand(p, population.PERIOD);
  const unit = i32x4.splat(1 << operand(p, population.FRACTION));
  let accumulator = address(p, population.ACCUMULATOR);
  let membrane = address(p, population.MEMBRANE);
  const map = address(p, population.MAP);
  let position = 0;
  let next = positions;
  while (position < length) {
    let decay = address(p, population.DECAY);
    let bias = address(p, population.BIAS);
    let threshold = address(p, population.THRESHOLD);
    let reset = address(p, population.RESET);
    for (const end = position + period; position < end; ) {
      const m0 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 0);
      const m1 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 1);
      const m2 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 2);
      const m3 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 3);
      clear<X>(accumulator);
      const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
      if (map != 0) v128.store(map + position, mask);
      // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
      const fired = i8x16.bitmask(mask);
      next = appendSpikes(next, position, fired);
      accumulator += 16 * sizeof<X>();
      membrane += 64;
      decay += 64;
      bias += 64;
      threshold += 64;
      reset += 64;
      position += 16;
    }
  }
  const count = <i32>((next - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/**
 * The `quad`-th four of sixteen such neurons; returns the mask of those that spike. A multiplication of 16 by 16 bits is several
 * times cheaper than one of 32 bits, and all factors fit: v in two parts of 15 bits and decay are below 2^15, sums of 16 bits and 2^F too.
 */
// @ts-ignore: decorator
@inline
function stepFour<X>(
  subtracts: bool,
  unit: v128,
  accumulators: usize,
  membranes: usize,
  decays: usize,
  biases: usize,
  thresholds: usize,
  resets: usize,
  quad: usize,
): v128 {
  const at: usize = 16 * quad;
  const arrived = sizeof<X>() == 2 ? v128.load16x4_s(accumulators + 8 * quad) : v128.load(accumulators + at);
  const entering = sizeof<X>() == 2 ? i32x4.dot_i16x8_s(arrived, unit) : i32x4.mul(arrived, unit);
  const before = v128.load(membranes + at);
  const decay = v128.load(decays + at);
  const low = i32x4.dot_i16x8_s(v128.and(before, i32x4.splat(32767)), decay);
  const high = i32x4.dot_i16x8_s(i32x4.shr_s(before, 15), decay);
  const left = i32x4.add(high, i32x4.shr_s(i32x4.add(low, i32x4.splat(16384)), 15));
  const v = i32x4.add(left, i32x4.add(entering, v128.load(biases + at)));
  const fired = i32x4.gt_s(v, v128.load(thresholds + at));
  const reset = v128.load(resets + at);
  v128.store(membranes + at, subtracts ? i32x4.sub(v, v128.and(reset, fired)) : v128.bitselect(reset, v, fired));
  return fired;
}

/** Sixteen sums are zero again. */
// @ts-ignore: decorator
@inline
function clear<X>(sums: usize): void {
  const zero = i32x4.splat(0);
  v128.store(sums, zero);
  v128.store(sums, zero, 16);
  if (sizeof<X>() == 4) {
    v128.store(sums, zero, 32);
    v128.store(sums, zero, 48);
  }
}

/** `bounded`: no membrane can leave its format, and the fraction is not negative. */
// @ts-ignore: decorator
@inline
function stepLanes<V, X>(p: usize, flags: i32, bounded: bool): void {
  const slot = slotOf(address(p, population.LIST), 0);
  const positions = positionsOf(slot);
  const length = operand(p, population.LENGTH);
  const period = operand(p, population.PERIOD);
  const fraction = operand(p, population.FRACTION);
  let accumulator = address(p, population.ACCUMULATOR);
  let membrane = address(p, population.MEMBRANE);
  let refractory = address(p, population.REFRACTORY);
  const map = address(p, population.MAP);
  let position = 0;
  let next = positions;
  while (position < length) {
    let decay = address(p, population.DECAY);
    let bias = address(p, population.BIAS);
    let threshold = address(p, population.THRESHOLD);
    let reset = address(p, population.RESET);
    let entry: usize = 0;
    for (const end = position + period; position < end; ) {
      const m0 = stepQuad<V, X>(p, flags, bounded, fraction, accumulator, membrane, refractory, decay, bias, threshold, reset, entry, 0);
      const m1 = stepQuad<V, X>(p, flags, bounded, fraction, accumulator, membrane, refractory, decay, bias, threshold, reset, entry, 1);
      const m2 = stepQuad<V, X>(p, flags, bounded, fraction, accumulator, membrane, refractory, decay, bias, threshold, reset, entry, 2);
      const m3 = stepQuad<V, X>(p, flags, bounded, fraction, accumulator, membrane, refractory, decay, bias, threshold, reset, entry, 3);
      const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
      if (map != 0) v128.store(map + position, mask);
      // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
      const fired = i8x16.bitmask(mask);
      next = appendSpikes(next, position, fired);
      accumulator += 16 * sizeof<X>();
      membrane += 16 * sizeof<V>();
      refractory += 64;
      decay += 64;
      bias += 64;
      threshold += 64;
      reset += 64;
      entry += 64;
      position += 16;
    }
  }
  const count = <i32>((next - positions) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/** Four neurons, the `quad`-th four of sixteen; returns the mask of those that spike. Rarer parameters lie `entry` bytes into theirs. */
// @ts-ignore: decorator
@inline
function stepQuad<V, X>(
  p: usize,
  flags: i32,
  bounded: bool,
  fraction: i32,
  accumulators: usize,
  membranes: usize,
  refractories: usize,
  decays: usize,
  biases: usize,
  thresholds: usize,
  resets: usize,
  entry: usize,
  quad: usize,
): v128 {
  const accumulator = accumulators + 4 * quad * sizeof<X>();
  const membrane = membranes + 4 * quad * sizeof<V>();
  const at: usize = 16 * quad;
  const arrived = sizeof<X>() == 2 ? v128.load16x4_s(accumulator) : v128.load(accumulator);
  if (sizeof<X>() == 2) store<u64>(accumulator, 0);
  else v128.store(accumulator, i32x4.splat(0));
  const before = sizeof<V>() == 2 ? v128.load16x4_s(membrane) : v128.load(membrane);
  const entering = bounded ? i32x4.shl(arrived, fraction) : shifted(arrived, fraction);
  const drive = i32x4.add(entering, v128.load(biases + at));
  const decay = v128.load(decays + at);
  const left = multiplied<V>(before, decay);
  let v = i32x4.add(left, drive);
  let awake = i32x4.splat(-1);
  if (flags & population.HAS_REFRACTORY) awake = i32x4.le_s(v128.load(refractories + at), i32x4.splat(0));
  if (!bounded) {
    const over = v128.and(i32x4.shr_s(v128.and(v128.xor(left, v), v128.xor(drive, v)), 31), awake);
    if (v128.any_true(over)) v = heldIn32(p, v, left, over, sizeof<V>() == 4);
    if (sizeof<V>() == 2) v = heldIn16(p, v, awake);
  }
  if (flags & population.HAS_MINIMUM) v = i32x4.max_s(v, v128.load(address(p, population.MINIMUM) + entry + at));
  let fired = i32x4.gt_s(v, v128.load(thresholds + at));
  if (flags & population.HAS_REFRACTORY) fired = v128.and(fired, awake);
  const reset = v128.load(resets + at);
  if (flags & population.RESETS_BY_SUBTRACTION) {
    const taken = v128.and(reset, fired);
    const lower = i32x4.sub(v, taken);
    v = bounded ? lower : heldAfterSpike<V>(p, v, taken, lower, fired);
  } else {
    v = v128.bitselect(reset, v, fired);
  }
  if (flags & population.HAS_MINIMUM) v = i32x4.max_s(v, v128.load(address(p, population.MINIMUM) + entry + at));
  if (flags & population.HAS_REFRACTORY) {
    v = v128.bitselect(v, before, awake);
    const rested = i32x4.sub(v128.load(refractories + at), i32x4.add(i32x4.splat(1), awake));
    const steps = v128.load(address(p, population.REFRACTORY_STEPS) + entry + at);
    v128.store(refractories + at, v128.bitselect(steps, rested, fired));
  }
  if (sizeof<V>() == 2) v128.store64_lane(membrane, i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(membrane, v);
  return fired;
}

/** `lower` = v − taken within the format of membranes. */
function heldAfterSpike<V>(p: usize, v: v128, taken: v128, lower: v128, fired: v128): v128 {
  const over = i32x4.shr_s(v128.and(v128.xor(v, taken), v128.xor(v, lower)), 31);
  const held = v128.any_true(over) ? heldIn32(p, lower, v, over, sizeof<V>() == 4) : lower;
  return sizeof<V>() == 2 ? heldIn16(p, held, fired) : held;
}

/** x << fraction, or for a negative fraction (x + 2^(−fraction−1)) >> −fraction without the overflow of that sum. */
// @ts-ignore: decorator
@inline
function shifted(x: v128, fraction: i32): v128 {
  if (fraction >= 0) return i32x4.shl(x, fraction);
  return i32x4.add(i32x4.shr_s(x, -fraction), v128.and(i32x4.shr_s(x, -fraction - 1), i32x4.splat(1)));
}

/** (v·a + 2^14) >> 15, |a| ≤ 2^15; exact in 32-bit lanes where v has 16 bits, in two parts where it has 32. */
// @ts-ignore: decorator
@inline
function multiplied<V>(v: v128, a: v128): v128 {
  if (sizeof<V>() == 2) return i32x4.shr_s(i32x4.add(i32x4.mul(v, a), i32x4.splat(16384)), 15);
  const low = i32x4.mul(v128.and(v, i32x4.splat(32767)), a);
  return i32x4.add(i32x4.mul(i32x4.shr_s(v, 15), a), i32x4.shr_s(i32x4.add(low, i32x4.splat(16384)), 15));
}

/** The end of the 32-bit range where `over` says that a sum passed it, on the side where `side` was. */
function heldIn32(p: usize, sum: v128, side: v128, over: v128, counts: bool): v128 {
  if (counts) {
    const low = v128.and(over, i32x4.shr_s(side, 31));
    countLanes(p, v128.andnot(over, low), low);
  }
  return v128.bitselect(v128.xor(i32x4.shr_s(side, 31), i32x4.splat(i32.MAX_VALUE)), sum, over);
}

/** Held within 16 bits, counted in the lanes of `counting`. */
// @ts-ignore: decorator
@inline
function heldIn16(p: usize, v: v128, counting: v128): v128 {
  const high = v128.and(i32x4.gt_s(v, i32x4.splat(32767)), counting);
  const low = v128.and(i32x4.lt_s(v, i32x4.splat(-32768)), counting);
  if (v128.any_true(v128.or(high, low))) countLanes(p, high, low);
  return i32x4.min_s(i32x4.max_s(v, i32x4.splat(-32768)), i32x4.splat(32767));
}

function countLanes(p: usize, high: v128, low: v128): void {
  countSaturated(p, 0, setLanes(high));
  countSaturated(p, 8, setLanes(low));
}

function countSaturated(p: usize, end: usize, times: i32): void {
  const at = address(p, population.SATURATED) + end;
  store<f64>(at, load<f64>(at) + <f64>times);
}

/** How many lanes of a mask are set. */
function setLanes(mask: v128): i32 {
  const ones = i32x4.extract_lane(mask, 0) + i32x4.extract_lane(mask, 1);
  return -(ones + i32x4.extract_lane(mask, 2) + i32x4.extract_lane(mask, 3));
}

function stepEach<V, X>(p: usize, flags: i32): void {
  const list = address(p, population.LIST);
  const slot = slotOf(list, 0);
  const length = operand(p, population.LENGTH);
  const period = operand(p, population.PERIOD);
  const firing = (flags & population.HAS_FIRING) != 0;
  const graded = !firing || (flags & population.SPIKES_MANY) != 0;
  let count: usize = 0;
  let spikes = 0;
  for (let position = 0, entry = 0; position < length; position++, entry++) {
    if (entry == period) entry = 0;
    const emitted = stepNeuron<V, X>(p, flags, position, entry);
    if (emitted == 0) continue;
    store<i32>(positionsOf(slot) + (count << 2), position);
    if (graded) store<i32>(valuesOf(list, slot) + (count << 2), emitted);
    count++;
    spikes += emitted;
  }
  close(slot, <i32>count, graded);
  if (firing) countSpikes(spikes);
}

// @ts-ignore: decorator
@inline
function parameter(p: usize, place: i32, entry: i32): i64 {
  return <i64>load<i32>(address(p, place) + (<usize>entry << 2));
}

/** One neuron: what it emits. */
function stepNeuron<V, X>(p: usize, flags: i32, position: i32, entry: i32): i32 {
  const arrivals = address(p, population.ACCUMULATOR) + <usize>position * sizeof<X>();
  const arrived = <i64>load<X>(arrivals);
  store<X>(arrivals, 0);
  const fraction = operand(p, population.FRACTION);
  let drive = fraction >= 0 ? arrived << fraction : shiftedRight(arrived, -fraction);
  if (flags & population.HAS_CURRENT) {
    const at = address(p, population.CURRENT) + <usize>position * sizeof<V>();
    const left = multipliedQ15(<i64>load<V>(at), parameter(p, population.CURRENT_DECAY, entry));
    const current = saturated<V>(p, left + drive + parameter(p, population.CURRENT_BIAS, entry));
    store<V>(at, <V>current);
    drive = multipliedQ15(current, parameter(p, population.CURRENT_GAIN, entry));
  }
  const refractory = address(p, population.REFRACTORY) + (<usize>position << 2);
  if (flags & population.HAS_REFRACTORY && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return 0;
  }
  const at = address(p, population.MEMBRANE) + <usize>position * sizeof<V>();
  const left = multipliedQ15(<i64>load<V>(at), parameter(p, population.DECAY, entry));
  let v = saturated<V>(p, left + drive + parameter(p, population.BIAS, entry));
  if (!(flags & population.HAS_FIRING)) {
    store<V>(at, <V>v);
    return <i32>saturated<i8>(p, shiftedRight(v, operand(p, population.HAND_ON)));
  }
  const minimum = flags & population.HAS_MINIMUM ? parameter(p, population.MINIMUM, entry) : i64.MIN_VALUE;
  v = max<i64>(v, minimum);
  const above = v - parameter(p, population.THRESHOLD, entry);
  let spikes: i64 = 0;
  if (above > 0) {
    const reset = parameter(p, population.RESET, entry);
    spikes = 1;
    if (flags & population.SPIKES_MANY) {
      spikes = reset > 0 ? min<i64>(MANY_SPIKES, (above + reset - 1) / reset) : MANY_SPIKES;
    }
    v = flags & population.RESETS_BY_SUBTRACTION ? saturated<V>(p, v - spikes * reset) : reset;
    v = max<i64>(v, minimum);
    if (flags & population.HAS_REFRACTORY) store<i32>(refractory, <i32>parameter(p, population.REFRACTORY_STEPS, entry));
  }
  store<V>(at, <V>v);
  return <i32>spikes;
}

// @ts-ignore: decorator
@inline
function shiftedRight(x: i64, bits: i32): i64 {
  return (x + ((<i64>1) << (bits - 1))) >> bits;
}

// @ts-ignore: decorator
@inline
function multipliedQ15(v: i64, a: i64): i64 {
  return (v * a + 16384) >> 15;
}

// @ts-ignore: decorator
@inline
function saturated<T>(p: usize, value: i64): i64 {
  const highest = <i64>((1 << (sizeof<T>() * 8 - 1)) - 1);
  if (value > highest) {
    countSaturated(p, 0, 1);
    return highest;
  }
  if (value < -highest - 1) {
    countSaturated(p, 8, 1);
    return -highest - 1;
  }
  return value;
}
