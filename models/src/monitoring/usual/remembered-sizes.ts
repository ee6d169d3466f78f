import { type KeptState, kept, real, whole } from '../../kept-numbers.ts';
import { AGAIN } from '../monitor/called-normal.ts';

/** A remembered size comes again where one has this share of its limit. */
const NEAR = 0.5;

/**
 * Remembers large sizes that were not flagged, such as the error when a heater is switched on once an hour. A running
 * quantile forgets these by the next time. For `holdFor` sizes, the same size and up to a quarter more is not flagged.
 */
export class RememberedSizes {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  /** What counts as usual because of them; 0: nothing is remembered. */
  readonly #usual: Float64Array;
  /** Sizes for which each still holds. */
  readonly #left: Float64Array;
  readonly #holdFor: number;

  constructor(count: number, holdFor: number) {
    this.#usual = new Float64Array(count);
    this.#left = new Float64Array(count);
    this.#holdFor = holdFor;
    this.state = { remembered: kept(this.#usual, real(0)), rememberedLeft: kept(this.#left, whole()) };
  }

  /** What counts as usual because of what is remembered of the k-th magnitude; 0 where nothing is. */
  at(k: number): number {
    return this.#usual[k]!;
  }

  /**
   * Takes a size. It is remembered if it is ordinary, at most `times` the `learned` one, and larger than what is
   * remembered already.
   */
  take(k: number, size: number, times: number, learned: number, isOrdinary: boolean): void {
    const [usual, left] = [this.#usual, this.#left];
    const isAgain = isOrdinary && size > NEAR * times * usual[k]!;
    left[k] = isAgain ? this.#holdFor : Math.max(0, left[k]! - 1);
    if (left[k] === 0) usual[k] = 0;
    const needed = (AGAIN * size) / times;
    if (isOrdinary && size <= times * learned && needed > Math.max(learned, usual[k]!)) usual[k] = needed;
  }

  forget(): void {
    this.#usual.fill(0);
  }
}
