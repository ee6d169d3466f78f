/**
 * Bounds that keep float32 numbers alike on all machines. SIMD on 32-bit ARM flushes subnormal numbers to zero and nothing else
 * does; so what is smaller than this is zero everywhere, which leaves no subnormal number where it could be seen.
 */
export const TINY = 2 ** -50;

/** What is beyond this, or not a number, is held here: sums of such numbers and weights stay numbers. */
export const HUGE = 2 ** 100;

/** A float32 number within the bounds; `runtime/kernels/real-numbers.ts` has the same. */
export function settled(x: number): number {
  if (Math.abs(x) < TINY) return 0;
  if (x <= -HUGE) return -HUGE;
  // Not Math.min, which would hand on what is not a number.
  if (!(x < HUGE)) return HUGE;
  return x;
}

/** A parameter as float32, within the bounds that keep machines alike. */
export function kept(value: number): number {
  return settled(Math.fround(value));
}
