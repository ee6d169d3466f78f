import { slotOf, positionsOf } from './emission-ring';
import { clampedAfterSpike, clampedIn16, clampedIn32, multiplied, shifted } from './integer-arithmetic';
import { address, operand } from './memory';
import * as population from './population';
import { PopulationFlags, IntegerPopulation } from './names.generated';

// Sixteen neurons of a population in whole numbers, in 32-bit lanes: whatever they have, or in the plain way.

/** The usual cases apart, so that their inner loop asks nothing. */
export function stepBounded<V, X>(p: usize, flags: i32): void {
  switch (flags & (PopulationFlags.refractory | PopulationFlags.minimum | PopulationFlags.subtract)) {
    case 0:
      stepWide<V, X>(p, 0, true, true);
      break;
    case PopulationFlags.subtract:
      stepWide<V, X>(p, PopulationFlags.subtract, true, true);
      break;
    default:
      stepWide<V, X>(p, flags, true, false);
  }
}

/**
 * All neurons in 32-bit lanes. `bounded`: no membrane can leave its format, and the fraction is not negative; `plain`:
 * besides, in the plain way.
 */
// @ts-ignore: decorator
@inline
export function stepWide<V, X>(p: usize, flags: i32, bounded: bool, plain: bool): void {
  const slot = slotOf(address(p, IntegerPopulation.list), 0);
  const positions = positionsOf(slot);
  const length = operand(p, IntegerPopulation.length);
  const period = operand(p, IntegerPopulation.period);
  const unit = i32x4.splat(1 << operand(p, IntegerPopulation.fraction));
  const map = address(p, IntegerPopulation.map);
  let accumulator = address(p, IntegerPopulation.accumulator);
  let membrane = address(p, IntegerPopulation.membrane);
  let position = 0;
  let next = positions;
  while (position < length) {
    let decay = address(p, IntegerPopulation.decay);
    let bias = address(p, IntegerPopulation.bias);
    let threshold = address(p, IntegerPopulation.threshold);
    let reset = address(p, IntegerPopulation.reset);
    const first = position;
    for (const end = position + period; position < end; position += 16) {
      const mask = plain
        ? plainSixteen<X>(flags, unit, accumulator, membrane, decay, bias, threshold, reset)
        : wideSixteen<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, position - first);
      next = population.appendMask(next, position, mask, map);
      accumulator += 16 * sizeof<X>();
      membrane += 16 * sizeof<V>();
      decay += 16 * sizeof<V>();
      bias += 64;
      threshold += 16 * sizeof<V>();
      reset += 16 * sizeof<V>();
    }
  }
  population.finish(slot, next);
}

/** Sixteen membranes that stay within 31 bits, in the plain way. */
// @ts-ignore: decorator
@inline
function plainSixteen<X>(
  flags: i32,
  unit: v128,
  accumulator: usize,
  membrane: usize,
  decay: usize,
  bias: usize,
  threshold: usize,
  reset: usize,
): v128 {
  const subtracts = (flags & PopulationFlags.subtract) != 0;
  const m0 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 0);
  const m1 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 1);
  const m2 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 2);
  const m3 = stepFour<X>(subtracts, unit, accumulator, membrane, decay, bias, threshold, reset, 3);
  population.clear<X>(accumulator);
  return population.bytesOf(m0, m1, m2, m3);
}

/**
 * The `quad`-th four of sixteen such neurons; returns the mask of those that spike. A multiplication of 16 by 16 bits
 * is several times cheaper than one of 32 bits, and all factors fit: v in two parts of 15 bits and decay are below
 * 2^15, sums of 16 bits and 2^F too.
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
  const decayed = i32x4.add(high, i32x4.shr_s(i32x4.add(low, i32x4.splat(16384)), 15));
  const v = i32x4.add(decayed, i32x4.add(entering, v128.load(biases + at)));
  const fired = i32x4.gt_s(v, v128.load(thresholds + at));
  const reset = v128.load(resets + at);
  v128.store(membranes + at, subtracts ? i32x4.sub(v, v128.and(reset, fired)) : v128.bitselect(reset, v, fired));
  return fired;
}

/** Sixteen neurons, whatever they have. */
// @ts-ignore: decorator
@inline
function wideSixteen<V, X>(
  p: usize,
  flags: i32,
  bounded: bool,
  accumulator: usize,
  membrane: usize,
  decay: usize,
  bias: usize,
  threshold: usize,
  reset: usize,
  position: i32,
  entry: i32,
): v128 {
  const m0 = stepQuad<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, entry, 0);
  const m1 = stepQuad<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, entry, 1);
  const m2 = stepQuad<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, entry, 2);
  const m3 = stepQuad<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, entry, 3);
  return population.bytesOf(m0, m1, m2, m3);
}

/** The same for membranes of 16 bits as a function of its own, for what is rare. */
export function wideSixteenApart<X>(p: usize, flags: i32, position: i32, entry: i32): v128 {
  const accumulator = address(p, IntegerPopulation.accumulator) + <usize>position * sizeof<X>();
  const membrane = address(p, IntegerPopulation.membrane) + (<usize>position << 1);
  const constant = <usize>entry << 1;
  const decay = address(p, IntegerPopulation.decay) + constant;
  const threshold = address(p, IntegerPopulation.threshold) + constant;
  const reset = address(p, IntegerPopulation.reset) + constant;
  const bias = address(p, IntegerPopulation.bias) + 2 * constant;
  return wideSixteen<i16, X>(p, flags, false, accumulator, membrane, decay, bias, threshold, reset, position, entry);
}

/** Four constants of membranes of type V, those of a quad. */
// @ts-ignore: decorator
@inline
function loadConstants<V>(at: usize, quad: usize): v128 {
  return sizeof<V>() == 2 ? v128.load16x4_s(at + 8 * quad) : v128.load(at + 16 * quad);
}

/** Four decays: 2^15 does not fit 16 bits and stands there as −2^15, which does not occur. */
// @ts-ignore: decorator
@inline
function loadDecays<V>(at: usize, quad: usize): v128 {
  const decay = loadConstants<V>(at, quad);
  if (sizeof<V>() == 4) return decay;
  return i32x4.add(decay, v128.and(i32x4.eq(decay, i32x4.splat(-32768)), i32x4.splat(65536)));
}

/**
 * Four neurons, the `quad`-th four of the sixteen from `position` on, whose parameters begin with `entry`; returns the
 * mask of those that spike.
 */
// @ts-ignore: decorator
@inline
function stepQuad<V, X>(
  p: usize,
  flags: i32,
  bounded: bool,
  accumulators: usize,
  membranes: usize,
  decays: usize,
  biases: usize,
  thresholds: usize,
  resets: usize,
  position: i32,
  entry: i32,
  quad: usize,
): v128 {
  const accumulator = accumulators + 4 * quad * sizeof<X>();
  const membrane = membranes + 4 * quad * sizeof<V>();
  const fraction = operand(p, IntegerPopulation.fraction);
  const refractory = address(p, IntegerPopulation.refractory) + (<usize>position << 2) + 16 * quad;
  const arrived = sizeof<X>() == 2 ? v128.load16x4_s(accumulator) : v128.load(accumulator);
  if (sizeof<X>() == 2) store<u64>(accumulator, 0);
  else v128.store(accumulator, i32x4.splat(0));
  const before = sizeof<V>() == 2 ? v128.load16x4_s(membrane) : v128.load(membrane);
  const entering = bounded ? i32x4.shl(arrived, fraction) : shifted(arrived, fraction);
  const drive = i32x4.add(entering, v128.load(biases + 16 * quad));
  const decayed = multiplied<V>(before, loadDecays<V>(decays, quad));
  let v = i32x4.add(decayed, drive);
  let awake = i32x4.splat(-1);
  if (flags & PopulationFlags.refractory) awake = i32x4.le_s(v128.load(refractory), i32x4.splat(0));
  if (!bounded) {
    const over = v128.and(i32x4.shr_s(v128.and(v128.xor(decayed, v), v128.xor(drive, v)), 31), awake);
    if (v128.any_true(over)) v = clampedIn32(p, v, decayed, over, sizeof<V>() == 4);
    if (sizeof<V>() == 2) v = clampedIn16(p, v, awake);
  }
  if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, fourMinima<V>(p, entry, quad));
  let fired = i32x4.gt_s(v, loadConstants<V>(thresholds, quad));
  if (flags & PopulationFlags.refractory) fired = v128.and(fired, awake);
  const reset = loadConstants<V>(resets, quad);
  if (flags & PopulationFlags.subtract) {
    const taken = v128.and(reset, fired);
    const lower = i32x4.sub(v, taken);
    v = bounded ? lower : clampedAfterSpike<V>(p, v, taken, lower, fired);
  } else {
    v = v128.bitselect(reset, v, fired);
  }
  if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, fourMinima<V>(p, entry, quad));
  if (flags & PopulationFlags.refractory) {
    v = v128.bitselect(v, before, awake);
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    const steps = v128.load(address(p, IntegerPopulation.refractorySteps) + (<usize>entry << 2) + 16 * quad);
    v128.store(refractory, v128.bitselect(steps, rested, fired));
  }
  if (sizeof<V>() == 2) v128.store64_lane(membrane, i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(membrane, v);
  return fired;
}

// @ts-ignore: decorator
@inline
function fourMinima<V>(p: usize, entry: i32, quad: usize): v128 {
  return loadConstants<V>(address(p, IntegerPopulation.minimum) + <usize>entry * sizeof<V>(), quad);
}
