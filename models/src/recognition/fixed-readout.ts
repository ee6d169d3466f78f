/**
 * A linear read-out as it answers while nothing is taught: experts that each score the classes from standardised
 * counts, and a mixture of their softmax. Copies; what is taught later does not change them.
 */
export interface FixedReadout {
  /** Whether each class was taught; others have probability 0. */
  readonly taught: readonly boolean[];
  /** β: an expert's probabilities are in proportion to e^(β·score). */
  readonly sharpness: number;
  readonly experts: readonly FixedExpert[];
}

/** Scores w_c0 + Σ w_ci·(count_(first+i−1) − middle_(i−1)) / unit_(i−1) of the classes c. */
export interface FixedExpert {
  /** Its part of the mixture; those of all add up to 1. */
  readonly share: number;
  /** First element of the Output that it sees. */
  readonly first: number;
  /** [elements that it sees]. */
  readonly middle: Float32Array;
  /** [elements that it sees], above 0. */
  readonly unit: Float32Array;
  /** [classes, 1 + elements that it sees]. */
  readonly weights: Float32Array;
}
