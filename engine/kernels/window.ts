/** The window that starts at `offset`, or −1 where none does. */
// @ts-ignore: decorator
@inline
export function windowAt(offset: i32, stride: i32, count: i32): i32 {
  if (offset < 0 || offset % stride != 0) return -1;
  const window = offset / stride;
  return window < count ? window : -1;
}

/** For a division by the same number many times over. */
// @ts-ignore: decorator
@inline
export function reciprocal(divisor: i32): u64 {
  return ((<u64>1) << 40) / <u64>divisor + 1;
}

/**
 * dividend / divisor, from `reciprocal(divisor)`: exact where it is below 2^23 and dividend × divisor below 2^40, else
 * perhaps 1 more.
 */
// @ts-ignore: decorator
@inline
export function smallQuotient(dividend: i32, reciprocal: u64): i32 {
  return <i32>((<u64>dividend * reciprocal) >> 40);
}

/** The same where dividend × divisor may be larger, as in an image of a million pixels. */
// @ts-ignore: decorator
@inline
export function quotient(dividend: i32, divisor: i32, reciprocal: u64): i32 {
  const near = smallQuotient(dividend, reciprocal);
  return near - <i32>(near * divisor > dividend);
}
