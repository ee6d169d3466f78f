import type { TimeAxis } from './flow.ts';

/** What arrives at a node in every step from step `from` of its life on, by element. */
export interface Constant {
  readonly from: number;
  readonly values: Float64Array;
}

/**
 * Sums of what starts at the same time, then what has started by then, in order of time; nothing where all of it is
 * zero.
 */
export function accumulate(constants: readonly Constant[], size: number): Constant[] {
  const starts = [...new Set(constants.map(({ from }) => from))].sort((a, b) => a - b);
  const sums = new Float64Array(size);
  const accumulated = starts.map((from) => {
    for (const constant of constants) {
      if (constant.from === from) for (let i = 0; i < size; i++) sums[i]! += constant.values[i]!;
    }
    return { from, values: sums.slice() };
  });
  return accumulated.some(({ values }) => values.some((value) => value !== 0)) ? accumulated : [];
}

/**
 * The constant input of one node: biases and what follows from them. It changes only at the delays of the edges that
 * bring it, so that a neuron takes it as where its membrane settles, and nothing has to be done per step.
 */
export class ConstantInput {
  readonly #pieces: readonly Constant[];
  readonly #zero: Float64Array;
  /** On the grid what starts with a step is there after the end of the one before. */
  readonly #lead: number;
  #origin = 0;
  /** Pieces that have begun. */
  #begun = 0;

  /** `pieces` as `accumulate` gives them. */
  constructor(pieces: readonly Constant[], size: number, axis: TimeAxis) {
    this.#pieces = pieces;
    this.#zero = new Float64Array(size);
    this.#lead = axis === 'grid' ? 1 : 0;
  }

  get bytes(): number {
    return this.#pieces.reduce((sum, { values }) => sum + values.byteLength, this.#zero.byteLength);
  }

  /** What is there now; all zero before anything has begun. */
  get values(): Float64Array {
    return this.#begun === 0 ? this.#zero : this.#pieces[this.#begun - 1]!.values;
  }

  /** All that is ever there, one after the other. */
  get begins(): readonly Float64Array[] {
    const pieces = this.#pieces.map(({ values }) => values);
    return this.#pieces[0]?.from === 0 ? pieces : [this.#zero, ...pieces];
  }

  /** Whether anything is there now. */
  get isPresent(): boolean {
    return this.#begun > 0;
  }

  /** When the next piece begins, as the time of a visit. */
  get next(): number {
    const piece = this.#pieces[this.#begun];
    return piece === undefined ? Number.POSITIVE_INFINITY : this.#origin + piece.from + this.#lead;
  }

  reset(origin: number): void {
    this.#origin = origin;
    this.#begun = this.#pieces[0]?.from === 0 ? 1 : 0;
  }

  /** What has begun by the visit at `now` of a net that started at `origin`. */
  restore(origin: number, now: number): void {
    this.reset(origin);
    while (this.next <= now) this.#begun++;
  }

  /** Begins the piece that is due and returns the end of what was before it. */
  begin(): number {
    const time = this.next - this.#lead;
    this.#begun++;
    return time;
  }
}
