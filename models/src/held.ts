/** Numbers farther from 0 are no sensor's. */
export const FARTHEST = 1e300;

/** A number within ±1e300, so that no difference of two is infinite. */
export function held(x: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, x));
}
