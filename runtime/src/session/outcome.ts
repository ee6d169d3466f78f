import type { WindowResult } from '@spikewire/engine/executor';
import type { Verdict } from '@spikewire/models';
import type { OverallVerdict } from './monitors.ts';

/** What one reading gave. Numbers in sensor units unless they say otherwise. */
export interface Outcome {
  /** Number of the reading, from 1. */
  readonly sequence: number;
  readonly time: number;
  /** The numbers of the reading. */
  readonly reading: Float64Array;
  /** The sample: the numbers of the reading, or what the model's features made of it and those before. */
  readonly values: Float64Array;
  /** Present where features wait for further readings: the net has done nothing yet. */
  readonly pending?: true;
  /** How far the next sample is; present with `pending`. */
  readonly gathering?: Gathering;
  /**
   * The class, or the numbers that the decoder gave; for a predicting net the expected next reading. Undefined in the
   * warm-up, and before anything was taught.
   */
  readonly result: string | Float64Array | undefined;
  /** Where the result is "unknown": the class that it would be, if it were one of those that are known. */
  readonly likeliest?: string;
  /** The class that the net's base alone would name; undefined where it has none. */
  readonly base?: string;
  /** Calibrated probability that the class is right; undefined where the decoder knows none. */
  readonly confidence?: number;
  /** What the net had expected of this reading; undefined where it expected nothing. */
  readonly expected: Float64Array | undefined;
  /** What the model's monitors say together; undefined where none has a say. */
  readonly verdict: OverallVerdict | undefined;
  /** What each of them says that has a say. */
  readonly verdicts: readonly Verdict[];
  /** Length of the error vector in normalised units; NaN without one. */
  readonly error: number;
  readonly warmUp: { readonly done: number; readonly of: number };
  readonly learned: boolean;
  /** Spikes and synaptic operations of this reading's window. */
  readonly spikes: number;
  readonly synapticOperations: number;
  readonly latencyMicroseconds: number;
  readonly window: WindowResult | undefined;
}

/** Readings since the last sample, or since the net was opened, and those from there to the next one. */
export interface Gathering {
  readonly done: number;
  readonly of: number;
  /** Until then, at the rate of the readings so far; undefined where that is not known. */
  readonly secondsLeft: number | undefined;
}
