/**
 * Moments of a frame in two passes: first the mean, then powers of the deviations from it. Unlike running sums of
 * powers, from which the oldest sample is taken off, they lose nothing to a large mean and carry nothing over from
 * window to window (Chan, Golub and LeVeque 1983).
 */

/** The mean, with the rounding of the first sum corrected. */
export function meanOf(frame: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < frame.length; k++) sum += frame[k]!;
  const mean = sum / frame.length;
  let rest = 0;
  for (let k = 0; k < frame.length; k++) rest += frame[k]! - mean;
  return mean + rest / frame.length;
}

/** Writes how far a frame is from its mean into `deviations`, which may be the frame itself. */
export function writeDeviations(deviations: Float64Array, frame: Float64Array): void {
  const mean = meanOf(frame);
  for (let k = 0; k < frame.length; k++) deviations[k] = frame[k]! - mean;
}

export function varianceOf(frame: Float64Array, mean: number): number {
  let sum = 0;
  for (let k = 0; k < frame.length; k++) sum += (frame[k]! - mean) ** 2;
  return sum / frame.length;
}

export function meanSquareOf(frame: Float64Array): number {
  return varianceOf(frame, 0);
}

export function meanMagnitudeOf(frame: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < frame.length; k++) sum += Math.abs(frame[k]!);
  return sum / frame.length;
}

export function peakOf(frame: Float64Array): number {
  let peak = 0;
  for (let k = 0; k < frame.length; k++) peak = Math.max(peak, Math.abs(frame[k]!));
  return peak;
}

/** Deviations below this part of the mean are rounding. */
const ROUNDING = 2 ** -50;

/** E[((x − μ)/σ)^power], 0 for a frame that does not vary. */
export function standardizedMoment(frame: Float64Array, power: 3 | 4): number {
  const mean = meanOf(frame);
  const deviation = Math.sqrt(varianceOf(frame, mean));
  if (deviation <= ROUNDING * Math.abs(mean)) return 0;
  let sum = 0;
  for (let k = 0; k < frame.length; k++) {
    const scaled = (frame[k]! - mean) / deviation;
    sum += power === 3 ? scaled * scaled * scaled : scaled * scaled * scaled * scaled;
  }
  return sum / frame.length;
}

/** A ratio that is 0 where there is nothing to divide by. */
export function ratio(dividend: number, divisor: number): number {
  return divisor > 0 ? dividend / divisor : 0;
}
