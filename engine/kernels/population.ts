import { appendSpikes, close, positionsOf } from './emission-ring';
import { countSpikes } from './memory';

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

/** The masks of four quads of neurons as bytes. */
// @ts-ignore: decorator
@inline
export function bytesOf(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
}

/**
 * Appends those of sixteen neurons from `position` on that spiked; at `map` are bytes for who reads them, 0 for nobody.
 */
// @ts-ignore: decorator
@inline
export function appendMask(next: usize, position: i32, mask: v128, map: usize): usize {
  if (map != 0) v128.store(map + position, mask);
  // The mask is used for nothing after that: 32-bit ARM destroys the operand of bitmask.
  return appendSpikes(next, position, i8x16.bitmask(mask));
}

/** Closes a list of spikes that ends at `next`, and counts them. */
// @ts-ignore: decorator
@inline
export function finish(slot: usize, next: usize): void {
  const count = <i32>((next - positionsOf(slot)) >> 2);
  close(slot, count, false);
  countSpikes(count);
}
