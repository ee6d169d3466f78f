/** What a device sends of its weights: how its own learning has changed those of the base. */
export interface WeightChange {
  readonly inputs: number;
  readonly classes: number;
  /** Lessons behind it, whole. */
  readonly samples: number;
  /** W − W₀, inputs × classes by rows. */
  readonly change: Float64Array;
}
