import { type KeptState, kept, real, whole } from '../../kept-numbers.ts';

/** The same thing again is never of the same size: what is called normal is so, up to a quarter more. */
export const AGAIN = 1.25;
/** What is called normal comes again where a size has this share of it. */
const NEAR = 0.5;
/** What is called normal while it goes on may become twice as much. */
const ONGOING = 2;

/** How much of what adds up while it lasts is normal, in those that were flagged. */
export function roomOf(isOver: boolean): number {
  return isOver ? AGAIN : ONGOING;
}

/** Sizes that a person has called normal: each holds until none that needed it has come for so many scores. */
export class CalledNormal {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #sizes: Float64Array;
  /** Scores for which each still holds. */
  readonly #left: Float64Array;
  readonly #normalFor: number;

  /** `normalFor`: scores, at least 1. */
  constructor(count: number, normalFor: number) {
    this.#sizes = new Float64Array(count);
    this.#left = new Float64Array(count).fill(normalFor);
    this.#normalFor = normalFor;
    this.state = {
      accepted: kept(this.#sizes, real(0, Number.POSITIVE_INFINITY)),
      acceptedLeft: kept(this.#left, whole()),
    };
  }

  /** What counts as usual: `usual`, or what has been called normal where that is more. */
  usual(k: number, usual: number): number {
    return Math.max(usual, this.#sizes[k]!);
  }

  /** The size in units of what counts as usual. One that comes near what was called normal prolongs it. */
  score(k: number, size: number, times: number, usual: number): number {
    if (this.#sizes[k]! > 0) this.#pass(k, size > times * usual || size > NEAR * times * this.#sizes[k]!);
    return size / this.usual(k, usual);
  }

  #pass(k: number, isNeeded: boolean): void {
    this.#left[k] = isNeeded ? this.#normalFor : this.#left[k]! - 1;
    if (this.#left[k]! <= 0) this.#sizes[k] = 0;
  }

  /**
   * From now on `room` times a `size` is at most `times` the unit that is called normal, if that is above `usual`; 0
   * times is never: nothing changes.
   */
  accept(k: number, size: number, times: number, usual: number, room = AGAIN): void {
    if (times === 0) return;
    // A hair more than needed, so that rounding does not flag it again.
    const needed = ((room * size) / times) * (1 + Number.EPSILON * 4);
    if (!(needed > Math.max(usual, this.#sizes[k]!))) return;
    this.#sizes[k] = needed;
    this.#left[k] = this.#normalFor;
  }

  /** How much each holds; 0: it does not. */
  get extents(): Float64Array {
    return this.#sizes.slice();
  }

  get any(): boolean {
    return this.#sizes.some((size) => size > 0);
  }

  forget(): void {
    this.#sizes.fill(0);
  }
}
