import { type KeptState, kept, real, whole } from '../kept-numbers.ts';
import { AGAIN } from './called-normal.ts';

/** A remembered size comes again where one has this share of its limit. */
const NEAR = 0.5;

/**
 * Large sizes that were ordinary when they came, such as those of a heater that is switched on once in an hour. What is
 * learned from all sizes forgets them by the next time; these stay ordinary, up to a quarter more, for `holdFor` sizes.
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

  /** Takes up a size. One that is ordinary, and at most `times` the `learned` one, may be the largest that is remembered. */
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
