import { type KeptNumbers, kept, real, whole } from '../kept-numbers.ts';
import type { DriftDetector } from './drift.ts';

/** Confidence δ of a cut. */
const DELTA = 0.002;
/** Buckets of one size; two of them are joined when there is one more. */
const PER_SIZE = 5;
/** Sizes 1, 2, 4, …: windows of at most 5·2^16 values. */
const SIZES = 16;
/** Values between two tests, and values on either side of a cut. */
const EVERY = 4;
const LEAST_SIDE = 5;

/**
 * ADWIN (Bifet and Gavaldà 2007, Learning from time-changing data with adaptive windowing, ADWIN2): a window of values,
 * kept as an exponential histogram, from which the oldest go as long as two parts of it have means that differ by more
 * than ε = √(2/m·σ²·ln(2/δ')) + 2/(3m)·ln(2/δ'), m the harmonic mean of their lengths, δ' = δ/ln n.
 */
export class Adwin implements DriftDetector {
  /** Values ever, and for each size: buckets, then sum and sum of squared deviations of each, newest first. */
  readonly state = new Float64Array(1 + SIZES * (1 + 2 * (PER_SIZE + 1)));

  /** The state, as it is saved. Values are 0…1, and so is their mean square. */
  get kept(): KeptNumbers<Float64Array> {
    const ofSizes = Array.from({ length: SIZES }, (_, size) => [
      whole(0, PER_SIZE),
      ...new Array(2 * (PER_SIZE + 1)).fill(real(0, 2 ** size)),
    ]);
    return kept(this.state, whole(), ...ofSizes.flat());
  }

  begin(): void {
    this.state.fill(0);
  }

  /** Values in the window. */
  get length(): number {
    let length = 0;
    for (let size = 0; size < SIZES; size++) length += this.#buckets(size) * 2 ** size;
    return length;
  }

  get mean(): number {
    let sum = 0;
    for (let size = 0; size < SIZES; size++)
      for (let k = 0; k < this.#buckets(size); k++) sum += this.state[at(size, k)]!;
    return sum / Math.max(1, this.length);
  }

  /** Whether the mean of the window has grown by a cut; one that makes it smaller only forgets. */
  learn(value: number): boolean {
    this.state[0]! += 1;
    this.#insert(0, value, 0);
    if (this.state[0]! % EVERY !== 0) return false;
    const before = this.mean;
    let isCut = false;
    while (this.#mustCut()) {
      this.#dropOldest();
      isCut = true;
    }
    return isCut && this.mean > before;
  }

  #buckets(size: number): number {
    return this.state[countAt(size)]!;
  }

  #insert(size: number, sum: number, squares: number): void {
    const count = this.#buckets(size);
    const first = at(size, 0);
    this.state.copyWithin(first + 2, first, first + 2 * count);
    this.state[first] = sum;
    this.state[first + 1] = squares;
    this.state[countAt(size)] = count + 1;
    if (count + 1 > PER_SIZE) this.#join(size);
  }

  /** The two oldest of a size become one of the next; of the largest they go. */
  #join(size: number): void {
    const [a, b] = [at(size, PER_SIZE), at(size, PER_SIZE - 1)];
    const difference = (this.state[a]! - this.state[b]!) / 2 ** size;
    const squares = this.state[a + 1]! + this.state[b + 1]! + (2 ** size / 2) * difference ** 2;
    const sum = this.state[a]! + this.state[b]!;
    this.state[countAt(size)]! -= 2;
    if (size + 1 < SIZES) this.#insert(size + 1, sum, squares);
  }

  #dropOldest(): void {
    for (let size = SIZES - 1; size >= 0; size--) {
      const buckets = this.#buckets(size);
      if (buckets === 0) continue;
      this.state[countAt(size)] = buckets - 1;
      return;
    }
  }

  #mustCut(): boolean {
    const n = this.length;
    if (n < 2 * LEAST_SIDE) return false;
    const mean = this.mean;
    let squares = 0;
    this.#fromOldest((length, sum, own) => {
      squares += own + length * (sum / length - mean) ** 2;
      return false;
    });
    const logarithm = Math.log((2 * Math.log(n)) / DELTA);
    let [n0, sum0] = [0, 0];
    return this.#fromOldest((length, sum) => {
      n0 += length;
      sum0 += sum;
      const n1 = n - n0;
      if (n0 < LEAST_SIDE || n1 < LEAST_SIDE) return false;
      const m = 1 / (1 / n0 + 1 / n1);
      const epsilon = Math.sqrt((2 / m) * (squares / n) * logarithm) + (2 / (3 * m)) * logarithm;
      return Math.abs(sum0 / n0 - (mean * n - sum0) / n1) > epsilon;
    });
  }

  /** Visits buckets from the oldest until one says true. */
  #fromOldest(visit: (length: number, sum: number, squares: number) => boolean): boolean {
    for (let size = SIZES - 1; size >= 0; size--) {
      for (let k = this.#buckets(size) - 1; k >= 0; k--) {
        if (visit(2 ** size, this.state[at(size, k)]!, this.state[at(size, k) + 1]!)) return true;
      }
    }
    return false;
  }
}

function countAt(size: number): number {
  return 1 + size * (1 + 2 * (PER_SIZE + 1));
}

function at(size: number, bucket: number): number {
  return countAt(size) + 1 + 2 * bucket;
}
