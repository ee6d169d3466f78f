/**
 * Latency (time to first spike): the stronger the earlier. Strength 1 fires in step 0, strength 0 in the last step of the
 * sample (SpikeProp's t = 10·(1 − response), on a grid).
 */
export function latencyOf(strength: number, steps: number): number {
  return Math.round((1 - strength) * (steps - 1));
}

/** The strength in the middle of those that fire in `step`; the error is at most half of 1/(steps − 1). */
export function strengthOfLatency(step: number, steps: number): number {
  return steps === 1 ? 1 : 1 - step / (steps - 1);
}
