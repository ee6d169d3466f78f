import type { Value } from '../graph/operations/value.ts';

/** Arrays that an optimiser keeps of each parameter, by name, all of its shape; they start at 0. */
export type Slots = Readonly<Record<string, Value>>;

/** Scalars that a program is given for a step. */
export interface StepSizes {
  /** The learning rate. */
  readonly rate: Value;
  /** What the optimiser makes of it. */
  readonly stepSize: Value;
}

/** How a gradient changes a parameter. */
export interface Optimiser {
  readonly slots: readonly string[];
  /** The size of step `step` ≥ 1 at a learning rate: a number that the program is given. */
  stepSize(rate: number, step: number): number;
  /** The parameter and the slots after a step. */
  update(
    parameter: Value,
    slots: Slots,
    gradient: Value,
    sizes: StepSizes,
  ): { readonly parameter: Value; readonly slots: Slots };
}
