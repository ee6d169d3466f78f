import { type KeptState, kept, real, unknownOr, whole } from '../kept-numbers.ts';

/** Lessons that say where numbers lie, and those from which on more of them make no margin smaller. */
const [ENOUGH_LESSONS, MOST_LESSONS] = [20, 100];
/** The share of ordinary numbers beyond the margin of what lessons have shown, and its least, in widths of that. */
const [OUTSIDE, LEAST_MARGIN] = [0.01, 0.1];

/** Ends of a number, in its own units. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/** The least and the largest that lessons have shown of each of some numbers. */
export class ShownEnds {
  /** NaN where nothing was shown; then the same as it was for the base. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  /** Lessons that have shown any, counted up to those that matter; then the same as it was for the base. */
  readonly #lessons = new Float64Array(2);

  constructor(size: number) {
    this.#low = new Float64Array(2 * size).fill(Number.NaN);
    this.#high = new Float64Array(2 * size).fill(Number.NaN);
  }

  get views(): readonly Float64Array[] {
    return [this.#low, this.#high, this.#lessons];
  }

  /** Whether lessons were enough to say where numbers lie. */
  get areEnough(): boolean {
    return this.#lessons[0]! >= ENOUGH_LESSONS;
  }

  /** As it is saved: a state of an earlier build may lack it. */
  keptAs(name: string): KeptState<Float64Array> {
    const ends = (view: Float64Array) => ({ ...kept(view, unknownOr(real())), lacking: Number.NaN });
    return {
      [`${name}Lessons`]: { ...kept(this.#lessons, whole(0, MOST_LESSONS)), lacking: 0 },
      [`${name}Low`]: ends(this.#low),
      [`${name}High`]: ends(this.#high),
    };
  }

  /** A lesson has shown these; NaN for what it has not. */
  learn(values: Float64Array): void {
    if (values.every(Number.isNaN)) return;
    this.#lessons[0] = Math.min(MOST_LESSONS, this.#lessons[0]! + 1);
    for (const [k, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      if (!(this.#low[k]! <= value)) this.#low[k] = value;
      if (!(this.#high[k]! >= value)) this.#high[k] = value;
    }
  }

  /** Nothing was shown; the base keeps what it had. */
  forget(): void {
    for (const ends of [this.#low, this.#high]) ends.fill(Number.NaN, 0, ends.length / 2);
    this.#lessons[0] = 0;
  }

  /** What was shown; undefined where nothing was. */
  of(k: number): Ends | undefined {
    return Number.isNaN(this.#low[k]!) ? undefined : { low: this.#low[k]!, high: this.#high[k]! };
  }

  /** The same, of at least that width, with the margin of its lessons on either side. */
  widened(k: number, least: number): Ends | undefined {
    const shown = this.of(k);
    if (shown === undefined) return undefined;
    const width = Math.max(shown.high - shown.low, least);
    const margin = marginOf(this.#lessons[0]!) * width;
    return { low: shown.low - margin, high: shown.low + width + margin };
  }
}

/**
 * How far beyond the least and the largest of `count` samples an ordinary number may lie, as a share of their distance:
 * one of a hundred lies farther. The next one lies beyond either end with probability 2/(n + 1), and, where tails are
 * exponential, by more than t with e^(−t/b) of that; the distance of the ends is then about 2b·ln n. A tenth is left
 * however many there are, because other days, places and people differ a little.
 */
function marginOf(count: number): number {
  return Math.max(LEAST_MARGIN, Math.log(2 / (OUTSIDE * (count + 1))) / (2 * Math.log(count)));
}
