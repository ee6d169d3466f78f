/** The `p`-quantile of ascending values, linear between order statistics (Hyndman and Fan 1996, type 7). Empty: NaN. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number, length = sorted.length): number {
  const position = p * (length - 1);
  const below = Math.floor(position);
  const lower = sorted[below] ?? Number.NaN;
  const upper = below + 1 < length ? sorted[below + 1]! : lower;
  return lower + (position - below) * (upper - lower);
}
