/** What came of learning from recordings, on those that were not learned. */
export interface TrainingFigures {
  /** `trainer`: a net was trained beside Node-RED; `device`: the net here was taught. */
  readonly by: 'trainer' | 'device';
  readonly accuracy: number;
  /** What always naming the most frequent class would reach. */
  readonly majority: number;
  /** Share that was called unknown; for accuracy they count as the class that they are most like. */
  readonly unknown: number;
  readonly classes: readonly string[];
  /** A row for what was shown, a column for what was named. */
  readonly confusion: readonly (readonly number[])[];
  /** Answers, and the recordings that they are about. */
  readonly tested: number;
  readonly recordings: number;
}

/** How far it is, from 0 to 1. */
export type OnProgress = (share: number) => void;
