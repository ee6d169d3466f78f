import type { Score } from './tally.ts';

/** What an epoch came to: a pass over the samples. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly training: Score;
  readonly validation: Score;
  /** True where the net was not yet held as it will be in the end, so that this epoch cannot be the best. */
  readonly pending?: boolean;
  /** What else belongs to it, such as its learning rate. */
  readonly figures?: Readonly<Record<string, number>>;
}

/**
 * The epoch with the best validation among those that count: the highest accuracy, of equal ones the lowest loss.
 * Undefined before the first.
 */
export function bestOf(history: readonly EpochRecord[]): EpochRecord | undefined {
  return history
    .filter(({ pending }) => !pending)
    .reduce<EpochRecord | undefined>(
      (best, record) => (best === undefined || isBetter(record.validation, best.validation) ? record : best),
      undefined,
    );
}

function isBetter(a: Score, b: Score): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}
