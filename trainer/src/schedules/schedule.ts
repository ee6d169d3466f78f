/** How the learning rate changes over a training: the factor of the highest rate at `progress`, 0 … 1 of all steps. */
export type Schedule = (progress: number) => number;
