import { type KeptState, kept, real, unknownOr, whole } from '../kept-numbers.ts';

/** Numbers of samples that are remembered for lessons that come late, all together, and samples at most. */
const REMEMBERED_NUMBERS = 1024;
const REMEMBERED_SAMPLES = 64;
/** How far beyond what is known the numbers of a sample may lie together, in widths of what is known of each. */
const LIMIT = 0.25;
/** The same for samples of many numbers, of which some always lie a little outside: a share of their count. */
const LIMIT_SHARE = 0.05;
/** Lessons that say where numbers lie. */
const ENOUGH_LESSONS = 20;
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
 * Where the numbers of a sample lie that a net knows: within the ranges of its encoders, which training or a warm-up
 * have set, and within what lessons have shown. A sample is beyond them where its excesses, each in widths of the
 * known range and at most 1, add up to a quarter or more, or 5 % of the count of its numbers where that is more. A net
 * would clip it and answer with a class all the same.
 */
export class KnownRange {
  /** What lessons have shown beside the ranges, NaN where nothing; then the same as it was for the base. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #samples: Float32Array;
  readonly #rangeOf: (index: number) => Ends | undefined;
  readonly #size: number;
  readonly #byLessons: boolean;
  /** Counted up to those that are enough; then the same as it was for the base. */
  readonly #lessons = new Float64Array(2);

  /**
   * `rangeOf` gives the range of the encoder of each of the `size` numbers, NaN before it is known; undefined for one
   * that has no say, because its scale follows the stream. `byLessons`: that range only says where numbers may lie, and
   * what lessons have shown replaces it once there are twenty.
   */
  constructor(size: number, rangeOf: (index: number) => Ends | undefined, byLessons: boolean) {
    this.#size = size;
    this.#rangeOf = rangeOf;
    this.#byLessons = byLessons;
    this.#low = new Float64Array(2 * size).fill(Number.NaN);
    this.#high = new Float64Array(2 * size).fill(Number.NaN);
    const samples = Math.max(1, Math.min(REMEMBERED_SAMPLES, Math.floor(REMEMBERED_NUMBERS / size)));
    this.#samples = new Float32Array(samples * size);
  }

  /** Everything that changes. A state of a build that knew nothing of it may lack it. */
  get state(): KeptState<Float64Array | Float32Array> {
    return {
      knownLessons: { ...kept(this.#lessons, whole(0, ENOUGH_LESSONS)), lacking: 0 },
      knownLow: { ...kept(this.#low, unknownOr(real())), lacking: Number.NaN },
      knownHigh: { ...kept(this.#high, unknownOr(real())), lacking: Number.NaN },
      knownSamples: { ...kept(this.#samples, real()), lacking: 0 },
    };
  }

  /** Whether a sample lies far beyond what is known. */
  isBeyond(sample: ArrayLike<number>): boolean {
    let [sum, numbers] = [0, 0];
    for (let k = 0; k < this.#size; k++) {
      const ends = this.#endsOf(k);
      if (ends === undefined) continue;
      numbers++;
      sum += excessOf(sample[k]!, ends);
    }
    return sum >= Math.max(LIMIT, LIMIT_SHARE * numbers);
  }

  #endsOf(k: number): Ends | undefined {
    const range = this.#rangeOf(k);
    const [low, high] = [this.#low[k]!, this.#high[k]!];
    if (range === undefined || Number.isNaN(low)) return range;
    // What is the same in all lessons may still vary a little.
    const least = LEAST_WIDTH * (range.high - range.low);
    if (this.#byLessons && this.#lessons[0]! >= ENOUGH_LESSONS) return { low, high: Math.max(high, low + least) };
    return { low: Math.min(range.low, low), high: Math.max(range.high, high) };
  }

  /** Remembers the sample of a window, by the window's number. */
  remember(window: number, sample: ArrayLike<number>): void {
    const first = this.#slotOf(window);
    for (let k = 0; k < this.#size; k++) {
      this.#samples[first + k] = Math.max(-FARTHEST, Math.min(FARTHEST, sample[k]!));
    }
  }

  /** A lesson about a window, `newest` the last one: its numbers are known from now on, where they are remembered. */
  learn(window: number, newest: number): void {
    if (newest - window >= this.#samples.length / this.#size) return;
    this.#lessons[0] = Math.min(ENOUGH_LESSONS, this.#lessons[0]! + 1);
    const first = this.#slotOf(window);
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
    return [this.#lessons, this.#low, this.#high];
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
