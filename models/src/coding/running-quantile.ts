import { SpikewireError } from '../error.ts';
import { agreeing, type KeptNumbers, kept, real, unknownOr, whole } from '../kept-numbers.ts';

/** The `p`-quantile of ascending values, linear between order statistics (Hyndman and Fan 1996, type 7). Empty: NaN. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number, length = sorted.length): number {
  const position = p * (length - 1);
  const below = Math.floor(position);
  const lower = sorted[below] ?? Number.NaN;
  const upper = below + 1 < length ? sorted[below + 1]! : lower;
  return lower + (position - below) * (upper - lower);
}

/** At most this share of growth of the spread by one value, so that a single outlier cannot set the step. */
const SPREAD_GROWTH = 0.2;
const LONGEST_START = 128;

/**
 * A quantile of an endless stream that follows drift: exact over the first values, then stochastic approximation
 * (Robbins and Monro 1951) with a step for an exponential memory of about `memory` values, q ← q + s/(g·N)·(p − [x ≤
 * q]), N = min(values so far, memory), where s is the running mean distance |x − q|, g = −t·ln t and t = min(p, 1−p).
 * The step of least variance is 1/(f·N), f the density at the quantile. For an exponential tail s·f = t·(−ln t − 1 +
 * 2t), which is at most g, so that steps are never longer than that.
 *
 * How far a value lies beyond the quantile does not matter, only that it does: a burst of outliers moves it by as many
 * steps and no further. O(1) memory: three numbers and the start, at most 128.
 */
export class RunningQuantile {
  /** p, above 0 and below 1. */
  readonly quantile: number;
  /** Values after which the past has faded by about 1/e. */
  readonly memory: number;
  /**
   * Everything that changes, for exact save and restore: value, spread, count, and the first values in ascending order.
   */
  readonly state: Float64Array;
  readonly #start: Float64Array;
  readonly #gain: number;

  constructor(quantile: number, memory = 500) {
    if (!(quantile > 0 && quantile < 1)) {
      throw new SpikewireError('parameter', 'running quantile', `quantile is ${quantile}`, 'a number between 0 and 1');
    }
    if (!(memory >= 1 && Number.isFinite(memory))) {
      throw new SpikewireError(
        'parameter',
        'running quantile',
        `memory is ${memory}`,
        'a number of values, at least 1',
      );
    }
    const tail = Math.min(quantile, 1 - quantile);
    this.quantile = quantile;
    this.memory = memory;
    this.#gain = -tail * Math.log(tail);
    this.state = new Float64Array(3 + Math.min(LONGEST_START, Math.ceil(1 / tail)));
    this.state[0] = Number.NaN;
    this.#start = this.state.subarray(3);
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    const { state } = this;
    const numbers = kept(state, unknownOr(real()), real(0), whole(), real());
    return agreeing(numbers, 'a value where values were taken in', (saved) => {
      const [value, , count] = saved(state);
      return Number.isNaN(value) === (count === 0);
    });
  }

  /** The estimate; NaN before the first value. */
  get value(): number {
    return this.state[0]!;
  }

  /** Values taken in so far. */
  get count(): number {
    return this.state[2]!;
  }

  /** Takes a value in; one that is not finite is refused with an `input` error and changes nothing. */
  update(x: number): void {
    if (!Number.isFinite(x)) throw new SpikewireError('input', 'running quantile', `value is ${x}`, 'a finite number');
    this.state[2]! += 1;
    if (this.count <= this.#start.length) this.#begin(x);
    else this.#follow(x);
  }

  #begin(x: number): void {
    const start = this.#start;
    let index = this.count - 1;
    for (; index > 0 && start[index - 1]! > x; index--) start[index] = start[index - 1]!;
    start[index] = x;
    const value = quantileOfSorted(start, this.quantile, this.count);
    let distance = 0;
    for (let k = 0; k < this.count; k++) distance += Math.abs(start[k]! - value);
    this.state[0] = value;
    this.state[1] = distance / this.count;
  }

  #follow(x: number): void {
    const weight = 1 / Math.min(this.count, this.memory);
    const distance = Math.abs(x - this.value);
    const spread = this.state[1]!;
    const step = (spread * weight) / this.#gain;
    this.state[0]! += step * (x <= this.value ? this.quantile - 1 : this.quantile);
    const grown = spread + weight * (distance - spread);
    this.state[1] = spread === 0 ? grown : Math.min(grown, spread * (1 + SPREAD_GROWTH));
  }
}
