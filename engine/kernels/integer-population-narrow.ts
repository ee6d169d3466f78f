import { slotOf, positionsOf } from './emission-ring';
import { countSaturated, shifted } from './integer-arithmetic';
import { wideSixteenApart } from './integer-population-wide';
import { address, operand } from './memory';
import * as population from './population';
import { Headroom, PopulationFlags, IntegerPopulation } from './names.generated';

// Sixteen neurons of a population in whole numbers, in 16-bit lanes.

/** What is usual apart here, too: all leak alike, the fraction is not negative, and there is nothing else. */
export function stepNarrow<X>(p: usize, flags: i32): void {
  const rare = PopulationFlags.refractory | PopulationFlags.minimum;
  const plain = flags & PopulationFlags.leaksAlike && !(flags & rare) && operand(p, IntegerPopulation.fraction) >= 0;
  if (!plain || operand(p, IntegerPopulation.headroom) < Headroom.withoutBias) stepInNarrowLanes<X>(p, flags, false);
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
  const slot = slotOf(address(p, IntegerPopulation.list), 0);
  const length = operand(p, IntegerPopulation.length);
  const period = operand(p, IntegerPopulation.period);
  const fraction = operand(p, IntegerPopulation.fraction);
  const largest = i16x8.splat(largestSum<X>(operand(p, IntegerPopulation.headroom), fraction));
  const unit = i16x8.splat(<i16>(<i32>1 << (plain || fraction >= 0 ? fraction : 15 + fraction)));
  const leak = v128.load16_splat(address(p, IntegerPopulation.decay));
  const map = address(p, IntegerPopulation.map);
  /** Bytes after which constants begin anew. */
  const turn = <usize>period << 1;
  const round = address(p, IntegerPopulation.threshold) + turn;
  let next = positionsOf(slot);
  let high = i32x4.splat(0);
  let low = i32x4.splat(0);
  let position = 0;
  while (position < length) {
    let accumulator = address(p, IntegerPopulation.accumulator) + <usize>position * sizeof<X>();
    let membrane = address(p, IntegerPopulation.membrane) + (<usize>position << 1);
    const constants = <usize>(position % period) << 1;
    let decay = address(p, IntegerPopulation.decay) + constants;
    let bias = address(p, IntegerPopulation.bias) + 2 * constants;
    let threshold = address(p, IntegerPopulation.threshold) + constants;
    let reset = address(p, IntegerPopulation.reset) + constants;
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
      next = population.appendMask(next, position, i8x16.narrow_i16x8_s(fired0, fired1), map);
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
    next = population.appendMask(next, position, wideSixteenApart<X>(p, flags, position, position % period), map);
    position += 16;
  }
  countSaturated(p, 0, sumOfLanes(high));
  countSaturated(p, 8, sumOfLanes(low));
  population.finish(slot, next);
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
  return v128.load(address(p, IntegerPopulation.minimum) + (<usize>entry << 1) + 16 * half);
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
  const rests = address(p, IntegerPopulation.refractory) + (<usize>position << 2);
  return v128.or(v128.or(v128.load(rests), v128.load(rests, 16)), v128.or(v128.load(rests, 32), v128.load(rests, 48)));
}

/** The total of eight lanes that each count from 0 to 65535. */
function sumOfLanes(counts: v128): i32 {
  const pairs = i32x4.extadd_pairwise_i16x8_u(counts);
  const halves = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  return halves + i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3);
}
