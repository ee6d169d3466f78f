/** One sample of a stream: when it was taken and the channels' numbers, in the model's order. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly values: Float64Array;
}
