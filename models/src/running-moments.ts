/**
 * Mean and variance of a stream that lie beside each other, from index `at`: those of an average over n values, of
 * which the last lies `distance` from the mean so far (Welford 1962; with n held at a bound, exponential).
 */
export function followMoments(moments: Float64Array, at: number, distance: number, n: number): void {
  moments[at]! += distance / n;
  moments[at + 1]! += (distance * distance * (1 - 1 / n) - moments[at + 1]!) / n;
}
