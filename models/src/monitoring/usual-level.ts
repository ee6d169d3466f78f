/** Deviations up to which a value is learned as it is; one beyond counts as there (Huber 1964). */
const MOST_DEVIATIONS = 3;

export interface UsualLevelOptions {
  /** Values over which centre and deviation are means. */
  readonly memory: number;
  /** The least deviation that counts as one. */
  readonly least: number;
  /** Scores for which what a person has called normal holds, at least 1. */
  readonly normalFor: number;
}

/**
 * Where each of several numbers usually lies, and how far from there: running means of the values and of their distances
 * from it, in both of which an outlier counts as a few deviations.
 */
export class UsualLevel {
  /** Everything that changes, as views for saving and restoring. */
  readonly state: Readonly<Record<string, Float64Array>>;
  readonly #options: UsualLevelOptions;
  readonly #centre: Float64Array;
  readonly #deviation: Float64Array;
  readonly #learned: Float64Array;
  /** Distances called normal, and scores for which that still holds. */
  readonly #accepted: Float64Array;
  readonly #left: Float64Array;

  constructor(count: number, options: UsualLevelOptions) {
    this.#options = options;
    const array = () => new Float64Array(count);
    [this.#centre, this.#deviation, this.#learned] = [array(), array(), array()];
    [this.#accepted, this.#left] = [array(), array()];
    this.state = {
      centre: this.#centre,
      deviation: this.#deviation,
      learned: this.#learned,
      acceptedDistance: this.#accepted,
      acceptedLeft: this.#left,
    };
  }

  /** Where the k-th number usually lies. */
  centre(k: number): number {
    return this.#centre[k]!;
  }

  /** What one of its deviations is, without what a person has called normal. */
  deviation(k: number): number {
    return Math.max(this.#options.least, this.#deviation[k]!);
  }

  /** Distance from the centre in deviations; 0 before the first value. One above `most` prolongs what was called normal. */
  score(k: number, value: number, most: number): number {
    if (this.#learned[k] === 0) return 0;
    const distance = Math.abs(value - this.#centre[k]!);
    if (this.#accepted[k]! > 0) {
      this.#left[k] = distance > most * this.deviation(k) ? this.#options.normalFor : this.#left[k]! - 1;
      if (this.#left[k]! <= 0) this.#accepted[k] = 0;
    }
    return distance / Math.max(this.deviation(k), this.#accepted[k]!);
  }

  learn(k: number, value: number): void {
    const count = Math.min(this.#learned[k]! + 1, this.#options.memory);
    this.#learned[k] = count;
    if (count === 1) this.#centre[k] = value;
    const reach = MOST_DEVIATIONS * this.deviation(k);
    const distance = Math.max(-reach, Math.min(reach, value - this.#centre[k]!));
    this.#centre[k]! += distance / count;
    this.#deviation[k]! += (Math.abs(distance) - this.#deviation[k]!) / count;
  }

  /** From now on and for a while the k-th number at `value` is at most `most` deviations away. */
  accept(k: number, value: number, most: number): void {
    if (most === 0) return;
    // A hair more than needed, so that rounding does not flag it again.
    const needed = (Math.abs(value - this.#centre[k]!) / most) * (1 + Number.EPSILON * 4);
    if (needed <= Math.max(this.deviation(k), this.#accepted[k]!)) return;
    this.#accepted[k] = needed;
    this.#left[k] = this.#options.normalFor;
  }
}
