import { flag, type KeptState, kept, real, whole } from '../kept-numbers.ts';

/** What is added to a deviation, in spikes: counts of a neuron that hardly varies say little. */
const FLOOR = 0.3;
/** Until they are settled, deviations lean to 4 spikes, as if so many windows had shown it. */
const LEANING = 4;
const LEANING_VARIANCE = 16;
/** Windows after which the usual stays as it is, settled or not. */
const MOST_WINDOWS = 1024;
const LARGEST_COUNT = 255;

/** Bytes of the scale of so many neurons. */
export function scaleBytes(size: number): number {
  return 16 * size + 16;
}

/**
 * Counts in units of what is usual: (count − mean) / (deviation + 0.3) of each neuron. Mean and deviation are those of
 * the windows so far (Welford 1962); a scale is taken over after 1, 2, 4, … windows, and a last time when it is
 * settled.
 */
export class CountScale {
  readonly size: number;
  /** Windows counted, and 1 once settled. */
  readonly #progress = new Float64Array(2);
  readonly #mean: Float32Array;
  /** Sum of squared deviations. */
  readonly #squares: Float32Array;
  /** The scale in use. */
  readonly #middle: Float32Array;
  readonly #unit: Float32Array;

  constructor(size: number) {
    this.size = size;
    this.#mean = new Float32Array(size);
    this.#squares = new Float32Array(size);
    this.#middle = new Float32Array(size);
    this.#unit = new Float32Array(size);
    this.begin();
  }

  /** Forgets all windows. */
  begin(): void {
    for (const numbers of [this.#progress, this.#mean, this.#squares, this.#middle]) numbers.fill(0);
    this.#unit.fill(Math.sqrt(LEANING_VARIANCE) + FLOOR);
  }

  get state(): KeptState<Float64Array | Float32Array> {
    return {
      progress: kept(this.#progress, whole(0, MOST_WINDOWS), flag),
      mean: kept(this.#mean, real(0, LARGEST_COUNT)),
      squares: kept(this.#squares, real(0, MOST_WINDOWS * LARGEST_COUNT ** 2)),
      middle: kept(this.#middle, real(0, LARGEST_COUNT)),
      unit: kept(this.#unit, real(FLOOR / 2, LARGEST_COUNT + FLOOR)),
    };
  }

  /** The scale in use, as views: (count − middle) / unit. */
  get inUse(): { readonly middle: Float32Array; readonly unit: Float32Array } {
    return { middle: this.#middle, unit: this.#unit };
  }

  /** Counts a window, from index `first` of `counts`; whether it is time to take over the scale. */
  observe(counts: ArrayLike<number>, first: number): boolean {
    const [windows, settled] = this.#progress as unknown as readonly [number, number];
    if (settled === 1 || windows === MOST_WINDOWS) return false;
    const n = windows + 1;
    this.#progress[0] = n;
    for (let i = 0; i < this.size; i++) {
      const change = counts[first + i]! - this.#mean[i]!;
      this.#mean[i]! += change / n;
      this.#squares[i]! += change * (counts[first + i]! - this.#mean[i]!);
    }
    return (n & (n - 1)) === 0;
  }

  /**
   * Takes over the scale of the windows so far. Writes what it makes of numbers in the former scale: x ← slope·x +
   * shift, from index 1 of both.
   */
  takeOver(slope: Float64Array, shift: Float64Array): void {
    const [windows, settled] = this.#progress as unknown as readonly [number, number];
    const leaning = settled === 1 ? 0 : LEANING;
    for (let i = 0; i < this.size; i++) {
      const variance = (this.#squares[i]! + leaning * LEANING_VARIANCE) / Math.max(1, windows + leaning);
      const [middle, unit] = [this.#middle[i]!, this.#unit[i]!];
      this.#middle[i] = this.#mean[i]!;
      this.#unit[i] = Math.sqrt(variance) + FLOOR;
      slope[i + 1] = unit / this.#unit[i]!;
      shift[i + 1] = (middle - this.#middle[i]!) / this.#unit[i]!;
    }
  }

  /** Writes what numbers in another scale are in this one: x ← slope·x + shift, from index 1 of both. */
  from({ inUse }: CountScale, slope: Float64Array, shift: Float64Array): void {
    for (let i = 0; i < this.size; i++) {
      slope[i + 1] = inUse.unit[i]! / this.#unit[i]!;
      shift[i + 1] = (inUse.middle[i]! - this.#middle[i]!) / this.#unit[i]!;
    }
  }

  /** From now on it stays; whether it was not settled before, and there were windows: it is then to be taken over. */
  settle(): boolean {
    if (this.#progress[1] === 1 || this.#progress[0]! < 2) return false;
    this.#progress[1] = 1;
    return true;
  }

  /** Writes the counts in this scale to `x`, from its index 1. */
  apply(counts: ArrayLike<number>, first: number, x: Float64Array): void {
    for (let i = 0; i < this.size; i++) x[i + 1] = (counts[first + i]! - this.#middle[i]!) / this.#unit[i]!;
  }
}
