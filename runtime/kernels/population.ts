// What populations of all number formats share.

/** Sixteen sums are zero again. */
// @ts-ignore: decorator
@inline
export function clear<X>(sums: usize): void {
  const zero = i32x4.splat(0);
  v128.store(sums, zero);
  v128.store(sums, zero, 16);
  if (sizeof<X>() == 4) {
    v128.store(sums, zero, 32);
    v128.store(sums, zero, 48);
  }
}
