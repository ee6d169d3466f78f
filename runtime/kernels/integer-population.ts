import { appendSpikes, close, positionsOf, slotOf, valuesOf } from './event-list';
import { address, countSpikes, operand } from './memory';
import * as population from './population';
import { PopulationFlags, WholePopulation } from './names.generated';

// The step of a population in whole numbers (integer form, exact): V is the type of membranes and of their constants, X
// of accumulators. Sixteen neurons at a time where a neuron spikes once at most and has no current, else one by one. Of
// the ways to step sixteen, the wide one is right for all. Membranes of 16 bits are stepped in lanes as narrow as they
// are, as long as their input fits these; for those of 32 bits there is a plain way, if they leak, take their input,
// fire and are reset, and do nothing else.

/** Most spikes of a neuron in a step. */
const MANY_SPIKES: i64 = 127;

/** Headroom of a population in which every bias is 0. */
const NO_BIAS: i32 = 32766;

export function stepIntegers<V, X>(p: usize): void {
  const flags = operand(p, WholePopulation.flags);
  const single = flags & PopulationFlags.firing && !(flags & (PopulationFlags.current | PopulationFlags.many));
  if (!single) stepEach<V, X>(p, flags);
  else if (sizeof<V>() == 2 && operand(p, WholePopulation.headroom) >= 0) stepNarrow<X>(p, flags);
  else if (sizeof<V>() == 4 && flags & PopulationFlags.neverSaturates && operand(p, WholePopulation.fraction) >= 0) {
    stepBounded<V, X>(p, flags);
  } else stepWide<V, X>(p, flags, false, false);
}

/** The usual cases apart, so that their inner loop asks nothing. */
function stepBounded<V, X>(p: usize, flags: i32): void {
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
function stepWide<V, X>(p: usize, flags: i32, bounded: bool, plain: bool): void {
  const slot = slotOf(address(p, WholePopulation.list), 0);
  const positions = positionsOf(slot);
  const length = operand(p, WholePopulation.length);
  const period = operand(p, WholePopulation.period);
  const unit = i32x4.splat(1 << operand(p, WholePopulation.fraction));
  const map = address(p, WholePopulation.map);
  let accumulator = address(p, WholePopulation.accumulator);
  let membrane = address(p, WholePopulation.membrane);
  let position = 0;
  let next = positions;
  while (position < length) {
    let decay = address(p, WholePopulation.decay);
    let bias = address(p, WholePopulation.bias);
    let threshold = address(p, WholePopulation.threshold);
    let reset = address(p, WholePopulation.reset);
    const first = position;
    for (const end = position + period; position < end; position += 16) {
      const mask = plain
        ? plainSixteen<X>(flags, unit, accumulator, membrane, decay, bias, threshold, reset)
        : wideSixteen<V, X>(p, flags, bounded, accumulator, membrane, decay, bias, threshold, reset, position, position - first);
      next = appendMask(next, position, mask, map);
      accumulator += 16 * sizeof<X>();
      membrane += 16 * sizeof<V>();
      decay += 16 * sizeof<V>();
      bias += 64;
      threshold += 16 * sizeof<V>();
      reset += 16 * sizeof<V>();
    }
  }
  finish(slot, next);
}

/** What is usual apart here, too: all leak alike, the fraction is not negative, and there is nothing else. */
function stepNarrow<X>(p: usize, flags: i32): void {
  const rare = PopulationFlags.refractory | PopulationFlags.minimum;
  const plain = flags & PopulationFlags.leaksAlike && !(flags & rare) && operand(p, WholePopulation.fraction) >= 0;
  if (!plain || operand(p, WholePopulation.headroom) < NO_BIAS) stepInNarrowLanes<X>(p, flags, false);
  else if (flags & PopulationFlags.subtract) stepInNarrowLanes<X>(p, PopulationFlags.subtract, true);
  else stepInNarrowLanes<X>(p, 0, true);
}

/**
 * All neurons in 16-bit lanes. A product of 16 by 16 bits that keeps the upper half and rounds is one instruction, and
 * a sum that is held at the ends another: beside the sum that is not, it tells what was held. Sixteen of which one
 * rests, goes to rest, or has an input beyond 16 bits are stepped in the wide way, outside the inner loop, which so
 * keeps its registers. `plain`: all leak alike, without a bias, and the fraction is not negative.
 */
// @ts-ignore: decorator
@inline
function stepInNarrowLanes<X>(p: usize, flags: i32, plain: bool): void {
  const slot = slotOf(address(p, WholePopulation.list), 0);
  const length = operand(p, WholePopulation.length);
  const period = operand(p, WholePopulation.period);
  const fraction = operand(p, WholePopulation.fraction);
  const largest = i16x8.splat(largestSum<X>(operand(p, WholePopulation.headroom), fraction));
  const unit = i16x8.splat(<i16>(<i32>1 << (plain || fraction >= 0 ? fraction : 15 + fraction)));
  const leak = v128.load16_splat(address(p, WholePopulation.decay));
  const map = address(p, WholePopulation.map);
  /** Bytes after which constants begin anew. */
  const turn = <usize>period << 1;
  const round = address(p, WholePopulation.threshold) + turn;
  let next = positionsOf(slot);
  let high = i32x4.splat(0);
  let low = i32x4.splat(0);
  let position = 0;
  while (position < length) {
    let accumulator = address(p, WholePopulation.accumulator) + <usize>position * sizeof<X>();
    let membrane = address(p, WholePopulation.membrane) + (<usize>position << 1);
    const constants = <usize>(position % period) << 1;
    let decay = address(p, WholePopulation.decay) + constants;
    let bias = address(p, WholePopulation.bias) + 2 * constants;
    let threshold = address(p, WholePopulation.threshold) + constants;
    let reset = address(p, WholePopulation.reset) + constants;
    for (; position < length; position += 16) {
      const sums0 = loadSums<X>(accumulator, fraction);
      const sums1 = loadSums<X>(accumulator + 8 * sizeof<X>(), fraction);
      let rare = i16x8.sub_sat_u(i16x8.max_u(i16x8.abs(sums0), i16x8.abs(sums1)), largest);
      const before0 = v128.load(membrane);
      const before1 = v128.load(membrane, 16);
      const left0 = plain ? i16x8.q15mulr_sat_s(before0, leak) : leftOf(before0, v128.load(decay));
      const left1 = plain ? i16x8.q15mulr_sat_s(before1, leak) : leftOf(before1, v128.load(decay, 16));
      let drive0 = shiftedSums<X>(sums0, plain || fraction >= 0, unit);
      let drive1 = shiftedSums<X>(sums1, plain || fraction >= 0, unit);
      if (!plain) {
        drive0 = i16x8.add(drive0, biasOf(bias));
        drive1 = i16x8.add(drive1, biasOf(bias + 32));
      }
      const sum0 = i16x8.add_sat_s(left0, drive0);
      const sum1 = i16x8.add_sat_s(left1, drive1);
      let v0 = sum0;
      let v1 = sum1;
      if (flags & PopulationFlags.minimum) {
        v0 = i16x8.max_s(v0, minimaOf(p, position % period, 0));
        v1 = i16x8.max_s(v1, minimaOf(p, position % period, 1));
      }
      const fired0 = i16x8.gt_s(v0, v128.load(threshold));
      const fired1 = i16x8.gt_s(v1, v128.load(threshold, 16));
      if (flags & PopulationFlags.refractory) {
        rare = v128.or(v128.or(rare, resting(p, position)), v128.or(fired0, fired1));
      }
      if (v128.any_true(rare)) break;
      // Where nothing was held both sums are the same.
      const wrapped0 = i16x8.add(left0, drive0);
      const wrapped1 = i16x8.add(left1, drive1);
      high = i16x8.sub(i16x8.sub(high, i16x8.gt_s(sum0, wrapped0)), i16x8.gt_s(sum1, wrapped1));
      low = i16x8.sub(i16x8.sub(low, i16x8.gt_s(wrapped0, sum0)), i16x8.gt_s(wrapped1, sum1));
      v0 = afterSpike(v0, fired0, flags, v128.load(reset));
      v1 = afterSpike(v1, fired1, flags, v128.load(reset, 16));
      if (flags & PopulationFlags.minimum) {
        v0 = i16x8.max_s(v0, minimaOf(p, position % period, 0));
        v1 = i16x8.max_s(v1, minimaOf(p, position % period, 1));
      }
      v128.store(membrane, v0);
      v128.store(membrane, v1, 16);
      population.clear<X>(accumulator);
      next = appendMask(next, position, i8x16.narrow_i16x8_s(fired0, fired1), map);
      accumulator += 16 * sizeof<X>();
      membrane += 32;
      threshold += 32;
      reset += 32;
      if (!plain) {
        decay += 32;
        bias += 64;
      }
      if (threshold == round) {
        threshold -= turn;
        reset -= turn;
        decay -= turn;
        bias -= 2 * turn;
      }
    }
    if (position == length) break;
    next = appendMask(next, position, wideSixteenApart<X>(p, flags, position, position % period), map);
    position += 16;
  }
  countSaturated(p, 0, sumOfLanes(high));
  countSaturated(p, 8, sumOfLanes(low));
  finish(slot, next);
}

// @ts-ignore: decorator
@inline
function appendMask(next: usize, position: i32, mask: v128, map: usize): usize {
  if (map != 0) v128.store(map + position, mask);
  // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
  return appendSpikes(next, position, i8x16.bitmask(mask));
}

// @ts-ignore: decorator
@inline
function finish(slot: usize, next: usize): void {
  const count = <i32>((next - positionsOf(slot)) >> 2);
  close(slot, count, false);
  countSpikes(count);
}

/** The largest magnitude that `loadSums` may give, if shifted sums and biases are to fit 16 bits. */
// @ts-ignore: decorator
@inline
function largestSum<X>(headroom: i32, fraction: i32): i16 {
  if (sizeof<X>() == 4) return <i16>headroom;
  return <i16>(fraction >= 0 ? headroom >> fraction : min<i32>(65535, headroom << -fraction));
}

/** Eight sums in 16-bit lanes: those of 16 bits as they are, those of 32 shifted and held. */
// @ts-ignore: decorator
@inline
function loadSums<X>(sums: usize, fraction: i32): v128 {
  if (sizeof<X>() == 2) return v128.load(sums);
  return i16x8.narrow_i32x4_s(shifted(v128.load(sums), fraction), shifted(v128.load(sums, 16), fraction));
}

/** By a product with `unit`, which for a negative fraction keeps the upper half and rounds. */
// @ts-ignore: decorator
@inline
function shiftedSums<X>(sums: v128, toTheLeft: bool, unit: v128): v128 {
  if (sizeof<X>() == 4) return sums;
  return toTheLeft ? i16x8.mul(sums, unit) : i16x8.q15mulr_sat_s(sums, unit);
}

/**
 * What a leak leaves of eight membranes. A decay of 2^15 does not fit 16 bits and stands there as −2^15, which does not
 * occur.
 */
// @ts-ignore: decorator
@inline
function leftOf(before: v128, decay: v128): v128 {
  return v128.bitselect(before, i16x8.q15mulr_sat_s(before, decay), i16x8.eq(decay, i16x8.splat(-32768)));
}

// @ts-ignore: decorator
@inline
function biasOf(bias: usize): v128 {
  return i16x8.narrow_i32x4_s(v128.load(bias), v128.load(bias, 16));
}

/** The `half`-th eight minima of sixteen. */
// @ts-ignore: decorator
@inline
function minimaOf(p: usize, entry: i32, half: usize): v128 {
  return v128.load(address(p, WholePopulation.minimum) + (<usize>entry << 1) + 16 * half);
}

// @ts-ignore: decorator
@inline
function afterSpike(v: v128, fired: v128, flags: i32, reset: v128): v128 {
  if (flags & PopulationFlags.subtract) return i16x8.sub(v, v128.and(reset, fired));
  return v128.bitselect(reset, v, fired);
}

/** Not zero where any of sixteen rests. */
// @ts-ignore: decorator
@inline
function resting(p: usize, position: i32): v128 {
  const rests = address(p, WholePopulation.refractory) + (<usize>position << 2);
  return v128.or(v128.or(v128.load(rests), v128.load(rests, 16)), v128.or(v128.load(rests, 32), v128.load(rests, 48)));
}

/** The total of eight lanes that each count from 0 to 65535. */
function sumOfLanes(counts: v128): i32 {
  const pairs = i32x4.extadd_pairwise_i16x8_u(counts);
  const halves = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  return halves + i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3);
}

/** The masks of four quads as bytes. */
// @ts-ignore: decorator
@inline
function bytesOf(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
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
  return bytesOf(m0, m1, m2, m3);
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
  const left = i32x4.add(high, i32x4.shr_s(i32x4.add(low, i32x4.splat(16384)), 15));
  const v = i32x4.add(left, i32x4.add(entering, v128.load(biases + at)));
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
  return bytesOf(m0, m1, m2, m3);
}

/** The same for membranes of 16 bits as a function of its own, for what is rare. */
function wideSixteenApart<X>(p: usize, flags: i32, position: i32, entry: i32): v128 {
  const accumulator = address(p, WholePopulation.accumulator) + <usize>position * sizeof<X>();
  const membrane = address(p, WholePopulation.membrane) + (<usize>position << 1);
  const constant = <usize>entry << 1;
  const decay = address(p, WholePopulation.decay) + constant;
  const threshold = address(p, WholePopulation.threshold) + constant;
  const reset = address(p, WholePopulation.reset) + constant;
  const bias = address(p, WholePopulation.bias) + 2 * constant;
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
  const fraction = operand(p, WholePopulation.fraction);
  const refractory = address(p, WholePopulation.refractory) + (<usize>position << 2) + 16 * quad;
  const arrived = sizeof<X>() == 2 ? v128.load16x4_s(accumulator) : v128.load(accumulator);
  if (sizeof<X>() == 2) store<u64>(accumulator, 0);
  else v128.store(accumulator, i32x4.splat(0));
  const before = sizeof<V>() == 2 ? v128.load16x4_s(membrane) : v128.load(membrane);
  const entering = bounded ? i32x4.shl(arrived, fraction) : shifted(arrived, fraction);
  const drive = i32x4.add(entering, v128.load(biases + 16 * quad));
  const left = multiplied<V>(before, loadDecays<V>(decays, quad));
  let v = i32x4.add(left, drive);
  let awake = i32x4.splat(-1);
  if (flags & PopulationFlags.refractory) awake = i32x4.le_s(v128.load(refractory), i32x4.splat(0));
  if (!bounded) {
    const over = v128.and(i32x4.shr_s(v128.and(v128.xor(left, v), v128.xor(drive, v)), 31), awake);
    if (v128.any_true(over)) v = heldIn32(p, v, left, over, sizeof<V>() == 4);
    if (sizeof<V>() == 2) v = heldIn16(p, v, awake);
  }
  if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, fourMinima<V>(p, entry, quad));
  let fired = i32x4.gt_s(v, loadConstants<V>(thresholds, quad));
  if (flags & PopulationFlags.refractory) fired = v128.and(fired, awake);
  const reset = loadConstants<V>(resets, quad);
  if (flags & PopulationFlags.subtract) {
    const taken = v128.and(reset, fired);
    const lower = i32x4.sub(v, taken);
    v = bounded ? lower : heldAfterSpike<V>(p, v, taken, lower, fired);
  } else {
    v = v128.bitselect(reset, v, fired);
  }
  if (flags & PopulationFlags.minimum) v = i32x4.max_s(v, fourMinima<V>(p, entry, quad));
  if (flags & PopulationFlags.refractory) {
    v = v128.bitselect(v, before, awake);
    const rested = i32x4.sub(v128.load(refractory), i32x4.add(i32x4.splat(1), awake));
    const steps = v128.load(address(p, WholePopulation.refractorySteps) + (<usize>entry << 2) + 16 * quad);
    v128.store(refractory, v128.bitselect(steps, rested, fired));
  }
  if (sizeof<V>() == 2) v128.store64_lane(membrane, i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(membrane, v);
  return fired;
}

// @ts-ignore: decorator
@inline
function fourMinima<V>(p: usize, entry: i32, quad: usize): v128 {
  return loadConstants<V>(address(p, WholePopulation.minimum) + <usize>entry * sizeof<V>(), quad);
}

/** `lower` = v − taken within the format of membranes. */
export function heldAfterSpike<V>(p: usize, v: v128, taken: v128, lower: v128, fired: v128): v128 {
  const over = i32x4.shr_s(v128.and(v128.xor(v, taken), v128.xor(v, lower)), 31);
  const held = v128.any_true(over) ? heldIn32(p, lower, v, over, sizeof<V>() == 4) : lower;
  return sizeof<V>() == 2 ? heldIn16(p, held, fired) : held;
}

/** x << fraction, or for a negative fraction (x + 2^(−fraction−1)) >> −fraction without the overflow of that sum. */
// @ts-ignore: decorator
@inline
export function shifted(x: v128, fraction: i32): v128 {
  if (fraction >= 0) return i32x4.shl(x, fraction);
  return i32x4.add(i32x4.shr_s(x, -fraction), v128.and(i32x4.shr_s(x, -fraction - 1), i32x4.splat(1)));
}

/** (v·a + 2^14) >> 15, |a| ≤ 2^15; exact in 32-bit lanes where v has 16 bits, in two parts where it has 32. */
// @ts-ignore: decorator
@inline
export function multiplied<V>(v: v128, a: v128): v128 {
  if (sizeof<V>() == 2) return i32x4.shr_s(i32x4.add(i32x4.mul(v, a), i32x4.splat(16384)), 15);
  const low = i32x4.mul(v128.and(v, i32x4.splat(32767)), a);
  return i32x4.add(i32x4.mul(i32x4.shr_s(v, 15), a), i32x4.shr_s(i32x4.add(low, i32x4.splat(16384)), 15));
}

/** The end of the 32-bit range where `over` says that a sum passed it, on the side where `side` was. */
export function heldIn32(p: usize, sum: v128, side: v128, over: v128, counts: bool): v128 {
  if (counts) {
    const low = v128.and(over, i32x4.shr_s(side, 31));
    countLanes(p, v128.andnot(over, low), low);
  }
  return v128.bitselect(v128.xor(i32x4.shr_s(side, 31), i32x4.splat(i32.MAX_VALUE)), sum, over);
}

/** Held within 16 bits, counted in the lanes of `counting`. */
// @ts-ignore: decorator
@inline
export function heldIn16(p: usize, v: v128, counting: v128): v128 {
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
  const at = address(p, WholePopulation.saturated) + end;
  store<f64>(at, load<f64>(at) + <f64>times);
}

/** How many lanes of a mask are set. */
function setLanes(mask: v128): i32 {
  const ones = i32x4.extract_lane(mask, 0) + i32x4.extract_lane(mask, 1);
  return -(ones + i32x4.extract_lane(mask, 2) + i32x4.extract_lane(mask, 3));
}

function stepEach<V, X>(p: usize, flags: i32): void {
  const list = address(p, WholePopulation.list);
  const slot = slotOf(list, 0);
  const length = operand(p, WholePopulation.length);
  const period = operand(p, WholePopulation.period);
  const firing = (flags & PopulationFlags.firing) != 0;
  const graded = !firing || (flags & PopulationFlags.many) != 0;
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
export function parameter(p: usize, place: i32, entry: i32): i64 {
  return <i64>load<i32>(address(p, place) + (<usize>entry << 2));
}

/** A number in the width of the membranes. */
// @ts-ignore: decorator
@inline
function constant<V>(p: usize, place: i32, entry: i32): i64 {
  return <i64>load<V>(address(p, place) + <usize>entry * sizeof<V>());
}

/** A decay or a gain; 2^15 stands as −2^15 in 16 bits. */
// @ts-ignore: decorator
@inline
function factor<V>(p: usize, place: i32, entry: i32): i64 {
  const kept = constant<V>(p, place, entry);
  return sizeof<V>() == 2 && kept == -32768 ? 32768 : kept;
}

/** One neuron: what it emits. */
function stepNeuron<V, X>(p: usize, flags: i32, position: i32, entry: i32): i32 {
  const arrivals = address(p, WholePopulation.accumulator) + <usize>position * sizeof<X>();
  const arrived = <i64>load<X>(arrivals);
  store<X>(arrivals, 0);
  const fraction = operand(p, WholePopulation.fraction);
  let drive = fraction >= 0 ? arrived << fraction : shiftedRight(arrived, -fraction);
  if (flags & PopulationFlags.current) {
    const at = address(p, WholePopulation.current) + <usize>position * sizeof<V>();
    const left = multipliedQ15(<i64>load<V>(at), factor<V>(p, WholePopulation.currentDecay, entry));
    const current = saturated<V>(p, left + drive + parameter(p, WholePopulation.currentBias, entry));
    store<V>(at, <V>current);
    drive = multipliedQ15(current, factor<V>(p, WholePopulation.currentGain, entry));
  }
  const refractory = address(p, WholePopulation.refractory) + (<usize>position << 2);
  if (flags & PopulationFlags.refractory && load<i32>(refractory) > 0) {
    store<i32>(refractory, load<i32>(refractory) - 1);
    return 0;
  }
  const at = address(p, WholePopulation.membrane) + <usize>position * sizeof<V>();
  const left = multipliedQ15(<i64>load<V>(at), factor<V>(p, WholePopulation.decay, entry));
  let v = saturated<V>(p, left + drive + parameter(p, WholePopulation.bias, entry));
  if (!(flags & PopulationFlags.firing)) {
    store<V>(at, <V>v);
    return <i32>saturated<i8>(p, shiftedRight(v, operand(p, WholePopulation.handOn)));
  }
  const minimum = flags & PopulationFlags.minimum ? constant<V>(p, WholePopulation.minimum, entry) : i64.MIN_VALUE;
  v = max<i64>(v, minimum);
  const above = v - constant<V>(p, WholePopulation.threshold, entry);
  let spikes: i64 = 0;
  if (above > 0) {
    const reset = constant<V>(p, WholePopulation.reset, entry);
    spikes = 1;
    if (flags & PopulationFlags.many) {
      spikes = reset > 0 ? min<i64>(MANY_SPIKES, (above + reset - 1) / reset) : MANY_SPIKES;
    }
    v = flags & PopulationFlags.subtract ? saturated<V>(p, v - spikes * reset) : reset;
    v = max<i64>(v, minimum);
    if (flags & PopulationFlags.refractory) store<i32>(refractory, <i32>parameter(p, WholePopulation.refractorySteps, entry));
  }
  store<V>(at, <V>v);
  return <i32>spikes;
}

// @ts-ignore: decorator
@inline
export function shiftedRight(x: i64, bits: i32): i64 {
  return (x + ((<i64>1) << (bits - 1))) >> bits;
}

// @ts-ignore: decorator
@inline
export function multipliedQ15(v: i64, a: i64): i64 {
  return (v * a + 16384) >> 15;
}

// @ts-ignore: decorator
@inline
export function saturated<T>(p: usize, value: i64): i64 {
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
