// What an event counts and what a weight is where kernels take them one by one. X is the type of sums.

/**
 * Event `k` of the values at `values`: times 2^shift in whole numbers; once where not all values have to be looked at.
 */
// @ts-ignore: decorator
@inline
export function valueOf<X>(values: usize, k: i32, graded: bool, shift: i32): X {
  const at = values + (<usize>k << 2);
  if (isFloat<X>()) return graded ? load<X>(at) : 1;
  return <X>((graded ? load<i32>(at) : 1) << shift);
}

/** Whole weights have 8 bits. */
// @ts-ignore: decorator
@inline
export function weightAt<X>(weights: usize, k: u32): X {
  return isFloat<X>() ? load<X>(weights + (<usize>k << 2)) : <X>load<i8>(weights + <usize>k);
}
