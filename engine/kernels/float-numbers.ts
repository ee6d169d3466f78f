import { HUGE, TINY } from './names.generated';

/** A number within the bounds. */
export function clamped(x: f32): f32 {
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
export function clampedLanes(x: v128): v128 {
  const tiny = f32x4.lt(magnitudes(x), f32x4.splat(TINY));
  const below = f32x4.pmin(f32x4.splat(HUGE), x);
  return v128.andnot(f32x4.pmax(f32x4.splat(-HUGE), below), tiny);
}
