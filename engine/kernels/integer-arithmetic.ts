import { address } from './memory';
import { IntegerPopulation } from './names.generated';

// The arithmetic of the integer form: what leaves its format is held at the end and counted, upper end first.

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

/** `lower` = v − taken within the format of membranes. */
export function clampedAfterSpike<V>(p: usize, v: v128, taken: v128, lower: v128, fired: v128): v128 {
  const over = i32x4.shr_s(v128.and(v128.xor(v, taken), v128.xor(v, lower)), 31);
  const clamped = v128.any_true(over) ? clampedIn32(p, lower, v, over, sizeof<V>() == 4) : lower;
  return sizeof<V>() == 2 ? clampedIn16(p, clamped, fired) : clamped;
}

/** The end of the 32-bit range where `over` says that a sum passed it, on the side where `side` was. */
export function clampedIn32(p: usize, sum: v128, side: v128, over: v128, counts: bool): v128 {
  if (counts) {
    const low = v128.and(over, i32x4.shr_s(side, 31));
    countLanes(p, v128.andnot(over, low), low);
  }
  return v128.bitselect(v128.xor(i32x4.shr_s(side, 31), i32x4.splat(i32.MAX_VALUE)), sum, over);
}

/** Held within 16 bits, counted in the lanes of `counting`. */
// @ts-ignore: decorator
@inline
export function clampedIn16(p: usize, v: v128, counting: v128): v128 {
  const high = v128.and(i32x4.gt_s(v, i32x4.splat(32767)), counting);
  const low = v128.and(i32x4.lt_s(v, i32x4.splat(-32768)), counting);
  if (v128.any_true(v128.or(high, low))) countLanes(p, high, low);
  return i32x4.min_s(i32x4.max_s(v, i32x4.splat(-32768)), i32x4.splat(32767));
}

function countLanes(p: usize, high: v128, low: v128): void {
  countSaturated(p, 0, setLanes(high));
  countSaturated(p, 8, setLanes(low));
}

export function countSaturated(p: usize, end: usize, times: i32): void {
  const at = address(p, IntegerPopulation.saturated) + end;
  store<f64>(at, load<f64>(at) + <f64>times);
}

/** How many lanes of a mask are set. */
function setLanes(mask: v128): i32 {
  const ones = i32x4.extract_lane(mask, 0) + i32x4.extract_lane(mask, 1);
  return -(ones + i32x4.extract_lane(mask, 2) + i32x4.extract_lane(mask, 3));
}

// @ts-ignore: decorator
@inline
export function parameter(p: usize, index: i32, entry: i32): i64 {
  return <i64>load<i32>(address(p, index) + (<usize>entry << 2));
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
