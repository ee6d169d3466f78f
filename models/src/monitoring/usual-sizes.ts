import { RunningQuantile } from '../coding/running-quantile.ts';

/**
 * How large each of several magnitudes usually is: a running quantile, never below `least` nor below what a person has
 * called normal.
 */
export class UsualSizes {
  /** Everything that changes, as views for saving and restoring. */
  readonly state: Readonly<Record<string, Float64Array>>;
  readonly #quantiles: readonly RunningQuantile[];
  readonly #accepted: Float64Array;
  readonly #least: number;

  constructor(count: number, quantile: number, least: number) {
    this.#quantiles = Array.from({ length: count }, () => new RunningQuantile(quantile));
    this.#accepted = new Float64Array(count);
    this.#least = least;
    const ranges = this.#quantiles.map(({ state }, k) => [`range${k}`, state] as const);
    this.state = { accepted: this.#accepted, ...Object.fromEntries(ranges) };
  }

  /** NaN before the first size. */
  at(k: number): number {
    return Math.max(this.learned(k), this.#accepted[k]!);
  }

  /** The same without what a person has called normal. */
  learned(k: number): number {
    return Math.max(this.#least, this.#quantiles[k]!.value);
  }

  learn(k: number, size: number): void {
    this.#quantiles[k]!.update(size);
  }

  /** From now on `size` is at most `times` as large as usual; 0 times is never: nothing changes. */
  accept(k: number, size: number, times: number): void {
    if (times === 0) return;
    // A hair more than needed, so that rounding does not flag it again.
    const needed = (size / times) * (1 + Number.EPSILON * 4);
    if (needed > this.at(k)) this.#accepted[k] = needed;
  }
}
