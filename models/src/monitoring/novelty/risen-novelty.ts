import { type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';
import { followMoments } from '../../running-moments.ts';

/** Values of the short mean, unless told otherwise. */
const SHORT = 10;
/** Novelties at the beginning that are left out at most: what comes later in a long warm-up is rare, and has to be known. */
const MOST_SKIPPED = 150;
/** Values after which the long statistics have faded by 1/e: a month of readings every five minutes. */
const LONG = 8640;
/** Scores need so many values in the long statistics. */
const LEAST_COUNT = 20;
/** Below these, mean and variance of a short mean are those of a stream in which nothing is ever new. */
const LEAST_MEAN = 0.03;
const LEAST_VARIANCE = 3e-4;

/** How many novelties at the beginning of a warm-up say nothing about later ones, because everything is new then. */
export function skippedOf(warmUp: number): number {
  return Math.min(MOST_SKIPPED, Math.floor(warmUp / 2));
}

/**
 * Whether there has been more that is new than usual: the mean of the last novelties (0…1) against the long mean
 * and deviation of that mean, in deviations. After the anomaly likelihood of Ahmad et al. 2017, without its tail
 * probability.
 */
export class RisenNovelty {
  /** [mean, variance, values in them, values seen], and the last novelties. */
  readonly state: Float64Array;
  readonly #skip: number;
  readonly #length: number;

  /**
   * @param skip first novelties that say nothing about later ones, because everything is new then
   * @param length novelties of the short mean
   */
  constructor(skip: number, length = SHORT) {
    this.#skip = skip;
    this.#length = length;
    this.state = new Float64Array(4 + length);
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.state, real(-1, 2), real(0, 2), whole(0, LONG), whole(), real(0, 1));
  }

  /** How many deviations above the usual; 0 while that is unknown. */
  take(novelty: number, learning: boolean): number {
    const { state } = this;
    const seen = state[3]!;
    state[4 + (seen % this.#length)] = novelty;
    state[3] = seen + 1;
    const { short } = this;
    const score = seen > this.#skip + LEAST_COUNT ? this.#deviations(short) : 0;
    if (learning && seen >= this.#skip) this.#learn(short);
    return score;
  }

  /** The mean of the last novelties, 0…1. */
  get short(): number {
    const count = Math.min(this.state[3]!, this.#length);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += this.state[4 + k]!;
    return sum / count;
  }

  /** Which mean is so many deviations above the usual. */
  limit(deviations: number): number {
    return this.#mean + deviations * this.#deviation;
  }

  get #mean(): number {
    return Math.max(this.state[0]!, LEAST_MEAN);
  }

  get #deviation(): number {
    return Math.sqrt(Math.max(this.state[1]!, LEAST_VARIANCE));
  }

  #deviations(short: number): number {
    return (short - this.#mean) / this.#deviation;
  }

  #learn(short: number): void {
    const { state } = this;
    state[2] = Math.min(state[2]! + 1, LONG);
    followMoments(state, 0, short - state[0]!, state[2]!);
  }
}
