import type { Value } from './value.ts';

/**
 * What stands for the derivative of a spike, which is 0 nearly everywhere. x = v − θ is how far the membrane is above
 * the threshold.
 */
export interface Surrogate {
  /** h(x), element by element. */
  slope(x: Value): Value;
  /**
   * A function whose derivative is h, with soft(0) = ½: the soft spike behind the surrogate, by which checks hold it.
   */
  soft(x: number): number;
}
