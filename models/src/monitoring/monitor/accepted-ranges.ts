import { held } from '../../held.ts';
import { type KeptState, kept, real, unknownOr, whole } from '../../kept-numbers.ts';
import { shortNumber } from '../../printable.ts';
import { AGAIN } from './called-normal.ts';
import { endsOf } from './evidence.ts';

/**
 * "That was normal", said of numbers whose score does not say how far they lie: what lies between two ends is not above
 * the sensitivity, until for so many readings nothing was there that would have been.
 */
export class AcceptedRanges {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  /** NaN: nothing was called normal. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  /** Readings for which each range still holds. */
  readonly #left: Float64Array;
  readonly #normalFor: number;

  /** `normalFor`: readings, at least 1. */
  constructor(count: number, normalFor: number) {
    [this.#low, this.#high] = [new Float64Array(count).fill(Number.NaN), new Float64Array(count).fill(Number.NaN)];
    this.#left = new Float64Array(count);
    this.#normalFor = normalFor;
    this.state = {
      acceptedLow: kept(this.#low, unknownOr(real())),
      acceptedHigh: kept(this.#high, unknownOr(real())),
      acceptedLeft: kept(this.#left, whole()),
    };
  }

  /** How much each holds; 0: it does not. */
  get extents(): Float64Array {
    return this.#left.map((left, k) => (left > 0 ? Math.max(Number.MIN_VALUE, this.#high[k]! - this.#low[k]!) : 0));
  }

  get any(): boolean {
    return this.#left.some((left) => left > 0);
  }

  /** The score of the k-th number as it is to be judged. */
  judged(k: number, score: number, number: number, sensitivity: number): number {
    if (this.#left[k] === 0) return score;
    const isWithin = number >= this.#low[k]! && number <= this.#high[k]!;
    this.#left[k] = isWithin && score > sensitivity ? this.#normalFor : this.#left[k]! - 1;
    if (this.#left[k] === 0) this.#low[k] = this.#high[k] = Number.NaN;
    return isWithin ? Math.min(score, sensitivity) : score;
  }

  /** From now on what lies between these is not above the sensitivity; returns the range that this makes. */
  accept(k: number, low: number, high: number): readonly [number, number] {
    const isFirst = Number.isNaN(this.#low[k]!);
    this.#low[k] = isFirst ? low : Math.min(low, this.#low[k]!);
    this.#high[k] = isFirst ? high : Math.max(high, this.#high[k]!);
    this.#left[k] = this.#normalFor;
    return [this.#low[k]!, this.#high[k]!];
  }

  /** The range of the k-th number that was called normal; undefined where none was. */
  rangeOf(k: number): readonly [number, number] | undefined {
    return this.#left[k] === 0 ? undefined : [this.#low[k]!, this.#high[k]!];
  }

  /**
   * Accepts what lies between the middle of the usual numbers and those that were flagged, and a quarter more; says
   * between which ends they are normal now, a clause for each.
   */
  acceptEnds(
    monitor: string,
    names: readonly string[],
    evidence: Float64Array,
    middleOf: (k: number) => number,
  ): string[] {
    return names.flatMap((name, k) => {
      const ends = endsOf(evidence, k);
      if (ends === undefined) return [];
      const middle = middleOf(k);
      const [low, high] = ends.map((end) => held(middle + AGAIN * held(end - middle)));
      const [from, to] = this.accept(k, Math.min(low!, middle), Math.max(high!, middle));
      return [`${name} from ${shortNumber(from)} to ${shortNumber(to)} no longer counts as “${monitor}”`];
    });
  }

  forget(): void {
    this.#low.fill(Number.NaN);
    this.#high.fill(Number.NaN);
    this.#left.fill(0);
  }
}
