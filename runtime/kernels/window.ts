/** The window that starts at `offset`, or −1 where none does. */
// @ts-ignore: decorator
@inline
export function windowAt(offset: i32, stride: i32, count: i32): i32 {
  if (offset < 0 || offset % stride != 0) return -1;
  const window = offset / stride;
  return window < count ? window : -1;
}

/** A division by the same number many times over: exact for dividends below 2^23 and products with the divisor below 2^40. */
// @ts-ignore: decorator
@inline
export function reciprocal(divisor: i32): u64 {
  return ((<u64>1) << 40) / <u64>divisor + 1;
}

/** dividend / divisor, from `reciprocal(divisor)`. */
// @ts-ignore: decorator
@inline
export function quotient(dividend: i32, reciprocal: u64): i32 {
  return <i32>((<u64>dividend * reciprocal) >> 40);
}
