import { factorsScratch } from './memory';

// What dense rows and convolutions that gather have in common: every event of a list brings a run of weights to the
// same run of sums. Blocks of sums stay in registers while all events pass, so that each is loaded and stored once and
// not once per event. X is the type of sums and weights: real numbers, or whole ones of 16 bits.

/**
 * Adds the runs that are listed from `from` to `to`, by how far they lie behind `weights`, to `bytes` bytes of sums.
 * `scaled`: each as often as its factor in the scratch of factors says, where it is in the same order.
 */
// @ts-ignore: decorator
@inline
export function addListed<X>(sums: usize, weights: usize, bytes: usize, from: usize, to: usize, scaled: bool): void {
  const factors = factorsScratch() - from;
  const end = sums + bytes;
  for (; sums + 64 <= end; sums += 64, weights += 64) {
    let a0 = v128.load(sums);
    let a1 = v128.load(sums, 16);
    let a2 = v128.load(sums, 32);
    let a3 = v128.load(sums, 48);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      const factor = scaled ? v128.load32_splat(factors + k) : i32x4.splat(0);
      a0 = sum<X>(a0, v128.load(w), factor, scaled);
      a1 = sum<X>(a1, v128.load(w, 16), factor, scaled);
      a2 = sum<X>(a2, v128.load(w, 32), factor, scaled);
      a3 = sum<X>(a3, v128.load(w, 48), factor, scaled);
    }
    v128.store(sums, a0);
    v128.store(sums, a1, 16);
    v128.store(sums, a2, 32);
    v128.store(sums, a3, 48);
  }
  for (; sums + 32 <= end; sums += 32, weights += 32) {
    let a0 = v128.load(sums);
    let a1 = v128.load(sums, 16);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      const factor = scaled ? v128.load32_splat(factors + k) : i32x4.splat(0);
      a0 = sum<X>(a0, v128.load(w), factor, scaled);
      a1 = sum<X>(a1, v128.load(w, 16), factor, scaled);
    }
    v128.store(sums, a0);
    v128.store(sums, a1, 16);
  }
  for (; sums + 16 <= end; sums += 16, weights += 16) {
    let a = v128.load(sums);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      a = sum<X>(a, v128.load(w), scaled ? v128.load32_splat(factors + k) : i32x4.splat(0), scaled);
    }
    v128.store(sums, a);
  }
  if (isFloat<X>() || sums == end) return;
  let a = v128.load64_zero(sums);
  for (let k = from; k < to; k += 4) {
    const w = weights + <usize>load<u32>(k);
    a = sum<X>(a, v128.load64_zero(w), scaled ? v128.load32_splat(factors + k) : i32x4.splat(0), scaled);
  }
  v128.store64_lane(sums, a, 0);
}

// @ts-ignore: decorator
@inline
function sum<X>(a: v128, b: v128, factor: v128, scaled: bool): v128 {
  if (isFloat<X>()) return f32x4.add(a, scaled ? f32x4.mul(b, factor) : b);
  return i16x8.add(a, scaled ? i16x8.mul(b, factor) : b);
}
