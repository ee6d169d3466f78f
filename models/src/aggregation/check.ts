import type { Sums } from './sums.ts';

/** What sums of real samples keep to. */
export interface SumLimits {
  /** Samples of a part, at least and at most. */
  readonly fewest: number;
  readonly most: number;
  /** The lowest and highest number that each input can be; those of x₀ are 1. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** Why sums cannot be of real samples; undefined where they can. */
export function problemOfSums(_sums: Sums, _limits: SumLimits): string | undefined {
  return undefined;
}
