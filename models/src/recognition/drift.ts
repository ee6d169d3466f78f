import type { KeptNumbers } from '../kept-numbers.ts';

/** Watches a number that should stay as it is, such as whether answers are wrong. */
export interface DriftDetector {
  /** All that changes. */
  readonly state: Float64Array;
  /** The same, as it is saved. */
  readonly kept: KeptNumbers<Float64Array>;
  begin(): void;
  /** Takes the next value, 0…1; whether its mean has grown. It then starts anew with what came since. */
  learn(value: number): boolean;
}
