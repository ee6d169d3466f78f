import { RunningQuantile } from '../coding/running-quantile.ts';

export interface UsualSizesOptions {
  readonly quantile: number;
  readonly least: number;
  /** Scores, at least 1. */
  readonly normalFor: number;
}

/**
 * How large each of several magnitudes usually is: a running quantile, never below `least` nor, for a while, below what
 * a person has called normal.
 */
export class UsualSizes {
  /** Everything that changes, as views for saving and restoring. */
  readonly state: Readonly<Record<string, Float64Array>>;
  readonly #quantiles: readonly RunningQuantile[];
  readonly #accepted: Float64Array;
  /** Readings for which each of these still holds. */
  readonly #left: Float64Array;
  readonly #least: number;
  readonly #normalFor: number;

  /** What a person has called normal holds until no such size has come for `normalFor` scores. */
  constructor(count: number, { quantile, least, normalFor }: UsualSizesOptions) {
    this.#quantiles = Array.from({ length: count }, () => new RunningQuantile(quantile));
    this.#accepted = new Float64Array(count);
    this.#left = new Float64Array(count).fill(normalFor);
    this.#least = least;
    this.#normalFor = normalFor;
    const ranges = this.#quantiles.map(({ state }, k) => [`range${k}`, state] as const);
    this.state = { accepted: this.#accepted, acceptedLeft: this.#left, ...Object.fromEntries(ranges) };
  }

  /** NaN before the first size. */
  at(k: number): number {
    return Math.max(this.learned(k), this.#accepted[k]!);
  }

  /** The same without what a person has called normal. */
  learned(k: number): number {
    return Math.max(this.#least, this.#quantiles[k]!.value);
  }

  /** The size in units of the usual one. One that is above `times` the learned size prolongs what was called normal. */
  score(k: number, size: number, times: number): number {
    if (this.#accepted[k]! > 0) {
      this.#left[k] = size > times * this.learned(k) ? this.#normalFor : this.#left[k]! - 1;
      if (this.#left[k]! <= 0) this.#accepted[k] = 0;
    }
    return size / this.at(k);
  }

  learn(k: number, size: number): void {
    this.#quantiles[k]!.update(size);
  }

  /** From now on `size` is at most `times` as large as usual; 0 times is never: nothing changes. */
  accept(k: number, size: number, times: number): void {
    if (times === 0) return;
    // A hair more than needed, so that rounding does not flag it again.
    const needed = (size / times) * (1 + Number.EPSILON * 4);
    if (needed <= this.at(k)) return;
    this.#accepted[k] = needed;
    this.#left[k] = this.#normalFor;
  }
}
