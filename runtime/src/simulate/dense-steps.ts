/** One row of numbers per step, row-major. */
export interface DenseSteps {
  readonly steps: number;
  /** Numbers of one step. */
  readonly size: number;
  readonly values: Float64Array;
}
