import type { KeptState } from '../../kept-numbers.ts';

/** Numbers that learn, by name. */
export type LearnedNumbers = KeptState<Float64Array | Float32Array | Uint32Array | Uint8Array>;

/**
 * A read-out that learns classes from samples x: x₀ = 1, then standardised counts. What it answers with are its
 * `weights`, and a copy of these answers as it did then.
 */
export interface Readout {
  readonly weights: Float32Array;
  /** All that changes, the weights included. */
  readonly state: LearnedNumbers;
  /** Whether scores are linear in x, with a row of weights for each class. */
  readonly linear: boolean;
  /** Writes what speaks for each of the first `classes` classes; for the right one about 1, for the others about 0. */
  score(weights: Float32Array, x: Float64Array, classes: number, scores: Float64Array): void;
  /** Learns that x was of a class, with the weight of so many samples; `scores` are those of x. */
  learn(x: Float64Array, scores: Float64Array, lesson: ReadoutLesson): void;
  /** How little it knows of samples like x, > 0; in units of its own. */
  strangeness(x: Float64Array): number;
  /** What it has learned becomes a base, `lessons` of it since the last: what comes may move it again. */
  settle(lessons: number): void;
  /** What it has learned counts as at most so many samples from now on. */
  weighAtMost(samples: number): void;
  /** Samples are from now on slope_i·x_i + shift_i, from i = 1: says the same of them, and so does the `base`. */
  rescale(slope: Float64Array, shift: Float64Array, base: Float32Array): void;
  /**
   * Adds what `learned` has learned since it was `former`, in the same scale, for the first `classes`; absent where a
   * read-out has no such sum. @returns why that is not possible; nothing has changed then
   */
  rebase?(learned: Readout, former: Readout, classes: number): 'size' | 'forgotten' | undefined;
  /** Forgets everything. */
  begin(): void;
}

/** What a read-out takes, before there is one. */
export interface ReadoutCost {
  /** Bytes of all that it learns. */
  readonly learnedBytes: number;
  /** Bytes of the arrays that it works with beside that. */
  readonly workingBytes: number;
  /** Multiply-adds of the scores of a sample, of a lesson once there are scores, and of how strange a sample is. */
  readonly scoreWork: number;
  readonly lessonWork: number;
  readonly strangenessWork: number;
}

/** A kind of read-out, from samples of `inputs` numbers to at most `mostClasses` classes. */
export interface ReadoutKind {
  open(inputs: number, mostClasses: number): Readout;
  /** While there are `classes`. */
  cost(inputs: number, mostClasses: number, classes: number): ReadoutCost;
}

export interface ReadoutLesson {
  readonly label: number;
  readonly classes: number;
  readonly weight: number;
}

/** Scores of read-outs that are linear: a row of weights for each class. */
export function linearScores(weights: Float32Array, x: Float64Array, classes: number, scores: Float64Array): void {
  for (let c = 0; c < classes; c++) {
    const row = c * x.length;
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += weights[row + i]! * x[i]!;
    scores[c] = sum;
  }
}

/** Weights that give the same scores in another scale of the samples. */
export function rescaleRows(weights: Float32Array, inputs: number, slope: Float64Array, shift: Float64Array): void {
  for (let row = 0; row < weights.length; row += inputs) {
    let first = weights[row]!;
    for (let i = 1; i < inputs; i++) {
      weights[row + i]! /= slope[i]!;
      first -= shift[i]! * weights[row + i]!;
    }
    weights[row] = first;
  }
}
