/**
 * What a node emitted in the last few steps: a ring of dense vectors, one slot more than its longest delay. Before the
 * start there was nothing.
 */
export class DelayLine {
  /** All vectors one after the other; the whole state, except for the step that the engine counts. */
  readonly values: Float64Array;
  readonly #size: number;
  readonly #slots: readonly Float64Array[];

  /** `longest` is the longest delay in steps, ≥ 0. */
  constructor(size: number, longest: number) {
    this.#size = size;
    this.values = new Float64Array(size * (longest + 1));
    this.#slots = Array.from({ length: longest + 1 }, (_, slot) =>
      this.values.subarray(slot * this.#size, (slot + 1) * this.#size),
    );
  }

  /**
   * The vector that step `step` writes or wrote; valid for the longest delay. Steps count from 0 and are exact to 2^53.
   */
  at(step: number): Float64Array {
    // Before the start a vector is one that no step has written yet, and so zero.
    const slots = this.#slots.length;
    return this.#slots[((step % slots) + slots) % slots]!;
  }

  reset(): void {
    this.values.fill(0);
  }
}
