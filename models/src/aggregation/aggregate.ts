import type { Sums } from './sums.ts';

export type SumMethod = 'sum' | 'checked-sum';
export type ChangeMethod = 'fedavg' | 'clipped' | 'median' | 'trimmed' | 'multi-krum';
export type Method = SumMethod | ChangeMethod;

/** What the parts of devices come to. */
export interface Aggregate {
  /** inputs × classes by rows. */
  readonly weights: Float64Array;
  /** Only of sums: those of the base and of the parts, as each is weighed; the base's ridge is in the products. */
  readonly sums?: Sums;
  /** Indices of the parts that have a say. */
  readonly taken: readonly number[];
  readonly leftOut: readonly LeftOut[];
}

/** A part that has no say. */
export interface LeftOut {
  /** Its index. */
  readonly part: number;
  /** A clause without a subject, such as "has 0 samples instead of 2 to 200". */
  readonly reason: string;
}

/** Share of the parts that may be malicious where nothing else is said. */
export const MALICIOUS = 0.3;
