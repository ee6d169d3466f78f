/** How the learning rate changes over a training. */
export interface Schedule {
  readonly name: string;
  /** The factor of the highest rate at `progress`, 0 … 1 of all steps. */
  factor(progress: number): number;
}
