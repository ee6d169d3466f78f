import { bytesOf, flag, type KeptState, kept, real } from '../kept-numbers.ts';
import { type Ends, ShownEnds } from './shown-ends.ts';

/** Numbers of samples that are remembered for lessons that come late, all together, and samples at most. */
const REMEMBERED_NUMBERS = 1024;
const REMEMBERED_SAMPLES = 64;
/** How far beyond what is known the numbers of a sample may lie together, in widths of what is known of each. */
const LIMIT = 0.25;
/** The same for samples of many numbers, of which some always lie a little outside: a share of their count. */
const LIMIT_SHARE = 0.05;
/** The least width of a number that was the same in all of them, as a share of its encoder's range. */
const LEAST_WIDTH = 0.125;
/** Farther from 0 no number is remembered. */
const FARTHEST = 1e38;

const within = (value: number) => Math.max(-FARTHEST, Math.min(FARTHEST, value));

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
 *
 * After lessons the steps from each number to the next, in widths of their encoders' ranges, are numbers as the others:
 * by them it knows what belongs together, such as neighbours in a waveform or the length and the width of a leaf.
 */
export class KnownRange {
  /** What lessons have shown of each number, and of the step to it from the one before. */
  readonly #numbers: ShownEnds;
  readonly #steps: ShownEnds;
  readonly #samples: Float32Array;
  readonly #rangeOf: (index: number) => Ends | undefined;
  readonly #size: number;
  readonly #options: KnownRangeOptions;
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
    this.#numbers = new ShownEnds(size);
    this.#steps = new ShownEnds(size);
    const samples = Math.max(1, Math.min(REMEMBERED_SAMPLES, Math.floor(REMEMBERED_NUMBERS / size)));
    this.#samples = new Float32Array(samples * size);
    this.#zeros = new Float64Array(samples);
  }

  /** Everything that changes. A state of a build that knew nothing of it may lack it. */
  get state(): KeptState<Float64Array | Float32Array> {
    return {
      ...this.#numbers.keptAs('known'),
      ...this.#steps.keptAs('knownStep'),
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
    const add = (value: number, ends: Ends) => {
      numbers++;
      sum += excessOf(value, ends);
    };
    this.#forEach(sample, 0, (k, value, range) => add(value, this.#endsOf(k, range)));
    // A state of an earlier build knows of fewer steps than numbers.
    if (this.#isByLessons && this.#steps.areEnough) {
      this.#forEachStep(sample, 0, (k, step) => {
        const ends = this.#steps.widened(k, LEAST_WIDTH);
        if (ends !== undefined) add(step, ends);
      });
    }
    return sum >= limitOf(numbers);
  }

  /** The numbers of a sample that have a say. */
  #forEach(sample: ArrayLike<number>, first: number, visit: (k: number, value: number, range: Ends) => void): void {
    for (let k = 0; k < this.#size; k++) {
      const range = this.#rangeOf(k);
      if (range !== undefined) visit(k, sample[first + k]!, range);
    }
  }

  /** Their steps, where both ranges are known. */
  #forEachStep(sample: ArrayLike<number>, first: number, visit: (k: number, step: number) => void): void {
    let before = Number.NaN;
    this.#forEach(sample, first, (k, value, { low, high }) => {
      const place = (value - low) / (high - low);
      if (Number.isFinite(place - before)) visit(k, place - before);
      before = place;
    });
  }

  /** Whether lessons alone say what is known. */
  get #isByLessons(): boolean {
    return this.#options.byLessons && this.#numbers.areEnough;
  }

  get #isZeroUnknown(): boolean {
    const { byLessons, neverZero = false } = this.#options;
    return this.#zero[0] === 0 && (byLessons ? this.#isByLessons : neverZero);
  }

  #endsOf(k: number, range: Ends): Ends {
    // What is the same in all lessons may still vary a little.
    if (this.#isByLessons) return this.#numbers.widened(k, LEAST_WIDTH * (range.high - range.low)) ?? range;
    const shown = this.#numbers.of(k);
    if (shown === undefined) return range;
    return { low: Math.min(range.low, shown.low), high: Math.max(range.high, shown.high) };
  }

  /** Remembers the sample of a window, by the window's number, and whether its readings were all zeros. */
  remember(window: number, sample: ArrayLike<number>, isZero = false): void {
    const slot = this.#slotOf(window);
    this.#keep(slot, sample);
    this.#zeros[slot] = Number(isZero);
  }

  /** The sample of a window is another one now, where it is remembered, `newest` the last one; its readings are not. */
  replace(window: number, newest: number, sample: ArrayLike<number>): void {
    if (this.#remembers(window, newest)) this.#keep(this.#slotOf(window), sample);
  }

  /** A lesson about a window, `newest` the last one: its numbers are known from now on, where they are remembered. */
  learn(window: number, newest: number): void {
    if (!this.#remembers(window, newest)) return;
    const slot = this.#slotOf(window);
    if (this.#zeros[slot] === 1) this.#zero[0] = 1;
    this.#show(this.#sampleAt(slot));
  }

  /** Lessons about these samples are all that there were: what they are in numbers has changed. */
  relearn(samples: readonly ArrayLike<number>[]): void {
    for (const ends of [this.#numbers, this.#steps]) ends.forget();
    for (const sample of samples) this.#show(sample);
  }

  #show(sample: ArrayLike<number>): void {
    const numbers = Float64Array.from(sample, within);
    this.#numbers.learn(numbers);
    const steps = new Float64Array(this.#size).fill(Number.NaN);
    this.#forEachStep(numbers, 0, (k, step) => {
      steps[k] = step;
    });
    this.#steps.learn(steps);
  }

  #remembers(window: number, newest: number): boolean {
    return newest - window < this.#zeros.length;
  }

  #slotOf(window: number): number {
    return window % this.#zeros.length;
  }

  #keep(slot: number, sample: ArrayLike<number>): void {
    const own = this.#sampleAt(slot);
    for (let k = 0; k < this.#size; k++) own[k] = within(sample[k]!);
  }

  #sampleAt(slot: number): Float32Array {
    return this.#samples.subarray(slot * this.#size, (slot + 1) * this.#size);
  }

  /** What it knows now is that of the base. */
  settle(): void {
    for (const numbers of this.#shown) numbers.copyWithin(numbers.length / 2, 0, numbers.length / 2);
  }

  returnToBase(): void {
    for (const numbers of this.#shown) numbers.copyWithin(0, numbers.length / 2);
  }

  get #shown(): readonly Float64Array[] {
    return [this.#zero, ...this.#numbers.views, ...this.#steps.views];
  }

  /** Bytes of its arrays, and of them those of what lessons have shown. */
  get bytes(): number {
    return bytesOf(this.state);
  }

  get shownBytes(): number {
    return this.#shown.reduce((sum, { byteLength }) => sum + byteLength, 0);
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
