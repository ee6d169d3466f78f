import { type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';

/** Sizes that are kept: more than have to repeat, because those that are forgotten are not found again at once. */
const KEPT = 8;

/**
 * The largest size that has come three times within the last `memory` ones: what is large once or twice says nothing of
 * what is usual, and a size that comes back does, however rare it is among small ones. Before there are three it is the
 * smallest. O(1) memory.
 */
export class RepeatedLongest {
  static readonly TIMES = 3;
  /** Everything that changes, for exact save and restore: [sizes so far, then size and its number, largest first]. */
  readonly state = new Float64Array(1 + 2 * KEPT).fill(-1);
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
    this.state[0] = 0;
  }

  /** The state, as it is saved: a size of −1 is none. */
  get kept(): KeptNumbers<Float64Array> {
    const sizes = Array.from({ length: KEPT }, () => [real(-1), whole(-1)]);
    return kept(this.state, whole(), ...sizes.flat());
  }

  /** NaN before the first size. */
  get value(): number {
    for (let k = RepeatedLongest.TIMES - 1; k >= 0; k--) if (this.#sizeAt(k) >= 0) return this.#sizeAt(k);
    return Number.NaN;
  }

  /** What those that are larger have beyond it, together. */
  get excess(): number {
    let sum = 0;
    for (let k = 0; k < RepeatedLongest.TIMES - 1; k++) sum += Math.max(0, this.#sizeAt(k) - this.value);
    return sum;
  }

  /** `size` is not negative. */
  learn(size: number): void {
    const { state } = this;
    state[0]! += 1;
    this.#forget(state[0]! - this.#memory);
    let at = 0;
    while (at < KEPT && this.#sizeAt(at) > size) at++;
    if (at === KEPT) return;
    state.copyWithin(3 + 2 * at, 1 + 2 * at, state.length - 2);
    state[1 + 2 * at] = size;
    state[2 + 2 * at] = state[0]!;
  }

  #sizeAt(k: number): number {
    return this.state[1 + 2 * k]!;
  }

  /** Takes out the sizes up to that number. */
  #forget(last: number): void {
    const { state } = this;
    for (let k = KEPT - 1; k >= 0; k--) {
      if (this.#sizeAt(k) < 0 || state[2 + 2 * k]! > last) continue;
      state.copyWithin(1 + 2 * k, 3 + 2 * k);
      state.fill(-1, state.length - 2);
    }
  }
}
