import { RunningQuantile } from '../coding/running-quantile.ts';
import type { KeptState } from '../kept-numbers.ts';
import { CalledNormal } from './called-normal.ts';

/** The parameter of a kind that says which quantile is the usual one. */
export const usualQuantile = { form: 'number', default: 0.99, above: 0, below: 1 } as const;

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
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #quantiles: readonly RunningQuantile[];
  readonly #normal: CalledNormal;
  readonly #least: number;

  /** What a person has called normal holds until no such size has come for `normalFor` scores. */
  constructor(count: number, { quantile, least, normalFor }: UsualSizesOptions) {
    this.#quantiles = Array.from({ length: count }, () => new RunningQuantile(quantile));
    this.#normal = new CalledNormal(count, normalFor);
    this.#least = least;
    const ranges = this.#quantiles.map((quantile, k) => [`range${k}`, quantile.kept] as const);
    this.state = { ...this.#normal.state, ...Object.fromEntries(ranges) };
  }

  /** NaN before the first size. */
  at(k: number): number {
    return this.#normal.usual(k, this.learned(k));
  }

  /** The same without what a person has called normal. */
  learned(k: number): number {
    return Math.max(this.#least, this.#quantiles[k]!.value);
  }

  /** The size in units of the usual one. One that is above `times` the learned size prolongs what was called normal. */
  score(k: number, size: number, times: number): number {
    return this.#normal.score(k, size, times, this.learned(k));
  }

  /** Sizes learned so far. */
  count(k: number): number {
    return this.#quantiles[k]!.count;
  }

  /** With `times`, a size after the first counts as at most so often the learned one: a fault does not become usual. */
  learn(k: number, size: number, times?: number): void {
    const isBounded = times !== undefined && this.count(k) > 0;
    this.#quantiles[k]!.update(isBounded ? Math.min(size, times * this.learned(k)) : size);
  }

  /** From now on `size` is at most `times` as large as usual. */
  accept(k: number, size: number, times: number, room?: number): void {
    this.#normal.accept(k, size, times, this.learned(k), room);
  }

  /** What a person has called normal. */
  get accepted(): Pick<CalledNormal, 'any' | 'forget'> {
    return this.#normal;
  }
}
