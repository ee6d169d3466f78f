import { flag, type KeptState, kept, real, unknownOr, whole } from '../kept-numbers.ts';

/** Numbers of samples that are remembered for lessons that come late, all together, and samples at most. */
const REMEMBERED_NUMBERS = 1024;
const REMEMBERED_SAMPLES = 64;
/** How far beyond what is known the numbers of a sample may lie together, in widths of what is known of each. */
const LIMIT = 0.25;
/** The same for samples of many numbers, of which some always lie a little outside: a share of their count. */
const LIMIT_SHARE = 0.05;
/** Lessons that say where numbers lie, and those from which on more of them make no margin smaller. */
const [ENOUGH_LESSONS, MOST_LESSONS] = [20, 100];
/** The share of ordinary numbers beyond the margin of what lessons have shown, and its least, in widths of that. */
const [OUTSIDE, LEAST_MARGIN] = [0.01, 0.1];
/** Of a number that was the same in all of them, as a share of its encoder's range. */
const LEAST_WIDTH = 0.125;
/** Farther from 0 no number is remembered. */
const FARTHEST = 1e38;

/** Ends of a number of the sample, in its own units. */
export interface Ends {
  readonly low: number;
  readonly high: number;
}

/**
 * How far beyond the least and the largest of `count` samples an ordinary number may lie, as a share of their distance:
 * one of a hundred lies farther. The next one lies beyond either end with probability 2/(n + 1), and by more than t with
 * e^(−t/b) of that, where tails are exponential; the distance of the ends is then about 2b·ln n. A tenth stays however
 * many they are, for what is a little different on other days, in other places and people.
 */
function marginOf(count: number): number {
  return Math.max(LEAST_MARGIN, Math.log(2 / (OUTSIDE * (count + 1))) / (2 * Math.log(count)));
}

/** The sum of the excesses from which on a sample of so many numbers is beyond. */
export function limitOf(numbers: number): number {
  return Math.max(LIMIT, LIMIT_SHARE * numbers);
}

export interface KnownRangeOptions {
  /**
   * The ranges only say where numbers may lie: what lessons have shown replaces them once there are twenty. Else they
   * are those of samples that the net was trained on.
   */
  readonly byLessons: boolean;
  /** No reading that the net was trained on is all zeros. */
  readonly neverZero?: boolean;
}

/**
 * Where the numbers of a sample lie that a net knows: within the ranges of its encoders, which training or a warm-up
 * have set, and within what lessons have shown, with a margin that shrinks while they are few. A sample is beyond them
 * where its excesses, each in widths of the known range and at most 1, add up to a quarter or more, or 5 % of the count
 * of its numbers where that is more. A net would clip it and answer with a class all the same. So is a reading of zeros
 * alone, as a dead sensor gives it, to a net whose training and lessons had none.
 */
export class KnownRange {
  /** What lessons have shown beside the ranges, NaN where nothing; then the same as it was for the base. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #samples: Float32Array;
  readonly #rangeOf: (index: number) => Ends | undefined;
  readonly #size: number;
  readonly #options: KnownRangeOptions;
  /** Counted up to those that matter; then the same as it was for the base. */
  readonly #lessons = new Float64Array(2);
  /** [1] where a lesson was about a reading of zeros; then the same as it was for the base. */
  readonly #zero = new Float64Array(2);
  /** Whether the reading of each remembered sample was all zeros. */
  readonly #zeros: Float64Array;

  /**
   * `rangeOf` gives the range of the encoder of each of the `size` numbers, NaN before it is known; undefined for one
   * that has no say, because its scale follows the stream.
   */
  constructor(size: number, rangeOf: (index: number) => Ends | undefined, options: KnownRangeOptions) {
    this.#size = size;
    this.#rangeOf = rangeOf;
    this.#options = options;
    this.#low = new Float64Array(2 * size).fill(Number.NaN);
    this.#high = new Float64Array(2 * size).fill(Number.NaN);
    const samples = Math.max(1, Math.min(REMEMBERED_SAMPLES, Math.floor(REMEMBERED_NUMBERS / size)));
    this.#samples = new Float32Array(samples * size);
    this.#zeros = new Float64Array(samples);
  }

  /** Everything that changes. A state of a build that knew nothing of it may lack it. */
  get state(): KeptState<Float64Array | Float32Array> {
    return {
      knownLessons: { ...kept(this.#lessons, whole(0, MOST_LESSONS)), lacking: 0 },
      knownLow: { ...kept(this.#low, unknownOr(real())), lacking: Number.NaN },
      knownHigh: { ...kept(this.#high, unknownOr(real())), lacking: Number.NaN },
      knownSamples: { ...kept(this.#samples, real()), lacking: 0 },
      // Of lessons whose zeros nobody noted any may have been zeros.
      knownZero: { ...kept(this.#zero, flag), lacking: 1 },
      knownZeros: { ...kept(this.#zeros, flag), lacking: 0 },
    };
  }

  /** Whether a sample lies far beyond what is known. `isZero`: all numbers of its readings are 0. */
  isBeyond(sample: ArrayLike<number>, isZero = false): boolean {
    if (isZero && this.#isZeroUnknown) return true;
    let [sum, numbers] = [0, 0];
    for (let k = 0; k < this.#size; k++) {
      const ends = this.#endsOf(k);
      if (ends === undefined) continue;
      numbers++;
      sum += excessOf(sample[k]!, ends);
    }
    return sum >= limitOf(numbers);
  }

  get #isZeroUnknown(): boolean {
    const { byLessons, neverZero = false } = this.#options;
    return this.#zero[0] === 0 && (byLessons ? this.#lessons[0]! >= ENOUGH_LESSONS : neverZero);
  }

  #endsOf(k: number): Ends | undefined {
    const range = this.#rangeOf(k);
    const [low, high] = [this.#low[k]!, this.#high[k]!];
    if (range === undefined || Number.isNaN(low)) return range;
    if (this.#options.byLessons && this.#lessons[0]! >= ENOUGH_LESSONS) {
      // What is the same in all lessons may still vary a little.
      const least = LEAST_WIDTH * (range.high - range.low);
      const width = Math.max(high - low, least);
      const margin = marginOf(this.#lessons[0]!) * width;
      return { low: low - margin, high: low + width + margin };
    }
    return { low: Math.min(range.low, low), high: Math.max(range.high, high) };
  }

  /** Remembers the sample of a window, by the window's number, and whether its readings were all zeros. */
  remember(window: number, sample: ArrayLike<number>, isZero = false): void {
    const first = this.#slotOf(window);
    for (let k = 0; k < this.#size; k++) {
      this.#samples[first + k] = Math.max(-FARTHEST, Math.min(FARTHEST, sample[k]!));
    }
    this.#zeros[first / this.#size] = Number(isZero);
  }

  /** A lesson about a window, `newest` the last one: its numbers are known from now on, where they are remembered. */
  learn(window: number, newest: number): void {
    if (newest - window >= this.#samples.length / this.#size) return;
    this.#lessons[0] = Math.min(MOST_LESSONS, this.#lessons[0]! + 1);
    const first = this.#slotOf(window);
    if (this.#zeros[first / this.#size] === 1) this.#zero[0] = 1;
    for (let k = 0; k < this.#size; k++) {
      const value = this.#samples[first + k]!;
      if (!(this.#low[k]! <= value)) this.#low[k] = value;
      if (!(this.#high[k]! >= value)) this.#high[k] = value;
    }
  }

  #slotOf(window: number): number {
    return (window % (this.#samples.length / this.#size)) * this.#size;
  }

  /** What it knows now is that of the base. */
  settle(): void {
    for (const numbers of this.#shown) numbers.copyWithin(numbers.length / 2, 0, numbers.length / 2);
  }

  returnToBase(): void {
    for (const numbers of this.#shown) numbers.copyWithin(0, numbers.length / 2);
  }

  get #shown(): readonly Float64Array[] {
    return [this.#lessons, this.#zero, this.#low, this.#high];
  }

  /** A copy of what lessons have shown, and back to it. */
  get shown(): readonly Float64Array[] {
    return this.#shown.map((numbers) => numbers.slice());
  }

  restore(shown: readonly Float64Array[]): void {
    for (const [k, numbers] of this.#shown.entries()) numbers.set(shown[k]!);
  }
}

/** How far beyond its ends a number lies, in their distance, 0…1. */
function excessOf(value: number, { low, high }: Ends): number {
  const beyond = Math.max(0, low - value, value - high);
  return beyond === 0 ? 0 : Math.min(1, beyond / (high - low));
}
