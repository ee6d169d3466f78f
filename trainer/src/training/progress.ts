import type { Score, TallySums } from './tally.ts';

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  readonly training: Score;
  readonly validation: Score;
}

/** How far a training is; with the learned arrays all that a checkpoint needs. */
export interface TrainingProgress {
  /** Epochs done. */
  readonly epochs: number;
  /** Batches done of the epoch after them, and what they came to. */
  readonly batches: number;
  readonly tally: TallySums;
  /** Steps done in all. */
  readonly steps: number;
  readonly history: readonly EpochRecord[];
}

export const START: TrainingProgress = {
  epochs: 0,
  batches: 0,
  tally: { samples: 0, loss: 0, right: 0 },
  steps: 0,
  history: [],
};

/** The epoch with the best validation: the highest accuracy, of equal ones the lowest loss. Undefined before the first. */
export function bestOf(history: readonly EpochRecord[]): EpochRecord | undefined {
  return history.reduce<EpochRecord | undefined>(
    (best, record) => (best === undefined || isBetter(record.validation, best.validation) ? record : best),
    undefined,
  );
}

function isBetter(a: Score, b: Score): boolean {
  return a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);
}
