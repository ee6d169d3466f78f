import { held } from '../../held.ts';
import { type KeptState, kept, real, whole } from '../../kept-numbers.ts';
import { CalledNormal } from '../monitor/called-normal.ts';
import { endsOf } from '../monitor/evidence.ts';

/** Deviations up to which a value is learned as it is; one beyond counts as there (Huber 1964). */
const MOST_DEVIATIONS = 3;
/** Values before which no deviation is known. */
const BEGINNING = 20;

export interface UsualLevelOptions {
  /** Values over which centre and deviation are means. */
  readonly memory: number;
  /** The least deviation that counts as one: of all numbers, or of the k-th. */
  readonly least: number | ((k: number) => number);
  /** Scores for which what a person has called normal holds, at least 1. */
  readonly normalFor: number;
}

/**
 * Where each of several numbers usually lies, and how far from there: running means of the values and of their
 * distances from it, in both of which an outlier counts as a few deviations.
 */
export class UsualLevel {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #options: UsualLevelOptions;
  readonly #centre: Float64Array;
  readonly #deviation: Float64Array;
  readonly #learned: Float64Array;
  /** Distances. */
  readonly #normal: CalledNormal;

  constructor(count: number, options: UsualLevelOptions) {
    this.#options = options;
    const array = () => new Float64Array(count);
    [this.#centre, this.#deviation, this.#learned] = [array(), array(), array()];
    this.#normal = new CalledNormal(count, options.normalFor);
    this.state = {
      centre: kept(this.#centre, real()),
      deviation: kept(this.#deviation, real(0)),
      learned: kept(this.#learned, whole()),
      ...this.#normal.state,
    };
  }

  /** Where the k-th number usually lies. */
  centre(k: number): number {
    return this.#centre[k]!;
  }

  /** What one of its deviations is, without what a person has called normal. */
  deviation(k: number): number {
    const { least } = this.#options;
    return Math.max(typeof least === 'number' ? least : least(k), this.#deviation[k]!);
  }

  /**
   * Distance from the centre in deviations; 0 before the first value. One above `most` prolongs what was called normal.
   */
  score(k: number, value: number, most: number): number {
    if (this.#learned[k] === 0) return 0;
    return this.#normal.score(k, Math.abs(value - this.#centre[k]!), most, this.deviation(k));
  }

  /** Whether it has learned nothing of the k-th number yet. */
  isNew(k: number): boolean {
    return this.#learned[k] === 0;
  }

  /** The k-th number now usually lies so much higher, and varies as it did. */
  shift(k: number, rise: number): void {
    this.#centre[k] = held(this.#centre[k]! + rise);
  }

  learn(k: number, number: number): void {
    const value = held(number);
    const count = Math.min(this.#learned[k]! + 1, this.#options.memory);
    this.#learned[k] = count;
    if (count === 1) this.#centre[k] = value;
    const isKnown = count > BEGINNING && this.#deviation[k]! > 0;
    const reach = isKnown ? MOST_DEVIATIONS * this.deviation(k) : Number.POSITIVE_INFINITY;
    const distance = Math.max(-reach, Math.min(reach, value - this.#centre[k]!));
    this.#centre[k]! += distance / count;
    this.#deviation[k]! += (Math.abs(distance) - this.#deviation[k]!) / count;
  }

  /** What counts as one deviation, with what a person has called normal. */
  usual(k: number): number {
    return this.#normal.usual(k, this.deviation(k));
  }

  /** From now on and for a while the k-th number is at most `most` deviations away, from `low` to `high`. */
  accept(k: number, low: number, high: number, most: number): void {
    const distance = Math.max(this.#centre[k]! - low, high - this.#centre[k]!);
    this.#normal.accept(k, distance, most, this.deviation(k));
  }

  /** Accepts all numbers whose ends stand in evidence that was flagged (`markEnds`). */
  acceptEnds(evidence: Float64Array, most: number): void {
    for (let k = 0; k < this.#centre.length; k++) {
      const ends = endsOf(evidence, k);
      if (ends !== undefined) this.accept(k, ...ends, most);
    }
  }

  /** What a person has called normal. */
  get accepted(): Pick<CalledNormal, 'any' | 'extents' | 'forget'> {
    return this.#normal;
  }
}
