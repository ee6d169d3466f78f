import { type KeptState, kept, real, whole } from '../../kept-numbers.ts';
import { CalledNormal } from '../monitor/called-normal.ts';

/** Blocks whose peaks are remembered. */
const BLOCKS = 8;
/** How much larger than the largest of them a new peak may be to count as it is. */
const GROWTH = 1.25;

export interface UsualPeaksOptions {
  /** Sizes in a block. */
  readonly block: number;
  /** Of the k-th magnitude, as far as that is known without its peaks. */
  readonly least: (k: number) => number;
  /** Scores, at least 1. */
  readonly normalFor: number;
}

/**
 * How large each of several magnitudes becomes at most, where it rises and falls slowly: the largest peak of the last
 * eight blocks. What is still rising is not usual before its block has ended, and then only a little more than before.
 */
export class UsualPeaks {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #options: UsualPeaksOptions;
  readonly #peaks: Float64Array;
  readonly #rising: Float64Array;
  /** Sizes of each taken so far. */
  readonly #taken: Float64Array;
  readonly #normal: CalledNormal;

  constructor(count: number, options: UsualPeaksOptions) {
    this.#options = options;
    this.#peaks = new Float64Array(count * BLOCKS);
    this.#rising = new Float64Array(count);
    this.#taken = new Float64Array(count);
    this.#normal = new CalledNormal(count, options.normalFor);
    this.state = {
      peaks: kept(this.#peaks, real(0)),
      rising: kept(this.#rising, real(0)),
      taken: kept(this.#taken, whole()),
      ...this.#normal.state,
    };
  }

  at(k: number): number {
    return this.#normal.usual(k, this.learned(k));
  }

  /** The same without what a person has called normal. */
  learned(k: number): number {
    return this.#ofPeaks(k).reduce((most, peak) => Math.max(most, peak), this.#options.least(k));
  }

  score(k: number, size: number, times: number): number {
    return this.#normal.score(k, size, times, this.learned(k));
  }

  /** `isFirst`: nothing is flagged yet, and any peak counts at once as it is. */
  learn(k: number, size: number, isFirst: boolean): void {
    this.#rising[k] = Math.max(this.#rising[k]!, size);
    this.#taken[k]! += 1;
    const { block } = this.#options;
    const peaks = this.#ofPeaks(k);
    const slot = Math.floor(this.#taken[k]! / block) % BLOCKS;
    if (isFirst) peaks[slot] = Math.max(peaks[slot]!, size);
    if (this.#taken[k]! % block !== 0) return;
    peaks[slot] = isFirst ? this.#rising[k]! : Math.min(this.#rising[k]!, GROWTH * this.learned(k));
    this.#rising[k] = 0;
  }

  accept(k: number, size: number, times: number, room?: number): void {
    this.#normal.accept(k, size, times, this.learned(k), room);
  }

  /** What a person has called normal. */
  get accepted(): Pick<CalledNormal, 'any' | 'extents' | 'forget'> {
    return this.#normal;
  }

  #ofPeaks(k: number): Float64Array {
    return this.#peaks.subarray(k * BLOCKS, (k + 1) * BLOCKS);
  }
}
