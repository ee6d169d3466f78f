// Bounds that keep real numbers alike on all machines. SIMD on 32-bit ARM flushes subnormal numbers to zero and nothing else does;
// so what is smaller than TINY is zero everywhere, which leaves no subnormal number where it could be seen. What is not a
// number or beyond HUGE is held at HUGE.

/** 2^−50. */
const TINY: f32 = 8.881784197001252e-16;
/** 2^100. */
const HUGE: f32 = 1.2676506002282294e30;

export function settled(x: f32): f32 {
  if (abs<f32>(x) < TINY) return 0;
  const below: f32 = x < HUGE ? x : HUGE;
  return below > -HUGE ? below : -HUGE;
}

/** What is left without signs: one instruction where `f32x4.abs` is three. */
// @ts-ignore: decorator
@inline
function magnitudes(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

/** The same for four numbers that are known not to be beyond HUGE. */
// @ts-ignore: decorator
@inline
export function flushedLanes(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(magnitudes(x), f32x4.splat(TINY)));
}

/** The same for four numbers, whatever they are. */
// @ts-ignore: decorator
@inline
export function settledLanes(x: v128): v128 {
  const tiny = f32x4.lt(magnitudes(x), f32x4.splat(TINY));
  const below = f32x4.pmin(f32x4.splat(HUGE), x);
  return v128.andnot(f32x4.pmax(f32x4.splat(-HUGE), below), tiny);
}
