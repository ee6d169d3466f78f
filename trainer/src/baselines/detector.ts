/** What a detector says of one reading. */
export interface Detection {
  readonly score: number;
  readonly anomaly: boolean;
  /** What it had expected of the reading, in sensor units; undefined where it expects nothing. */
  readonly expected: Float64Array | undefined;
}

/**
 * A detector of the unusual in a stream that spikewire is compared with: one reading in, a judgement out, O(window)
 * memory.
 */
export interface StreamDetector {
  readonly name: string;
  observe(values: ArrayLike<number>): Detection;
}
