import { type NumberRange, real } from '@spikewire/models';
import { HUGE, TINY } from './kernel-constants.ts';

/** A float32 number within the bounds. */
export function clamped(x: number): number {
  if (Math.abs(x) < TINY) return 0;
  if (x <= -HUGE) return -HUGE;
  // Not Math.min, which would hand on what is not a number.
  if (!(x < HUGE)) return HUGE;
  return x;
}

/** A parameter as float32, within the bounds that keep machines alike. */
export function clampedFloat32(value: number): number {
  return clamped(Math.fround(value));
}

/** What a float32 number of a saved state may be: kernels hold theirs within these ends. */
export const HELD: NumberRange = real(-HUGE, HUGE);
