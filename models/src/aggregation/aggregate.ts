import type { BaseSums } from './base-sums.ts';
import type { SumLimits } from './check.ts';
import type { Sums } from './sums.ts';
import type { WeightChange } from './weight-change.ts';

export type SumMethod = 'sum' | 'checked-sum';
export type ChangeMethod = 'fedavg' | 'clipped' | 'median' | 'trimmed' | 'multi-krum';
export type Method = SumMethod | ChangeMethod;

export interface Aggregate {
  /** inputs × classes by rows. */
  readonly weights: Float64Array;
  /** Only of sums: those of the base and of the parts that were taken; the base's ridge is in the products. */
  readonly sums?: Sums;
  /** Indices of the parts that have a say. */
  readonly taken: readonly number[];
  readonly leftOut: readonly { readonly part: number; readonly reason: string }[];
}

export interface SumOptions {
  readonly method: SumMethod;
  readonly limits: SumLimits;
  /** How many samples the base counts for; absent: as many as it says. */
  readonly baseSamples?: number;
}

export interface ChangeOptions {
  readonly method: ChangeMethod;
  /** Samples of a part, at most. */
  readonly mostSamples: number;
  /** Share of the parts that may be malicious, below ½; 0.3. */
  readonly malicious?: number;
}

/** What changes are changes of. */
export interface BaseWeights {
  readonly inputs: number;
  readonly classes: number;
  /** W₀, inputs × classes by rows. */
  readonly weights: Float64Array;
}

/** The base and what the parts have learned since. Each of the `parts` is read more than once, none is kept. */
export function aggregateSums(_base: BaseSums, _parts: Iterable<Sums>, _options: SumOptions): Aggregate {
  throw new Error('not yet');
}

/** The base and the mean, in a robust sense, of the changes. */
export function aggregateChanges(
  _base: BaseWeights,
  _parts: readonly WeightChange[],
  _options: ChangeOptions,
): Aggregate {
  throw new Error('not yet');
}
