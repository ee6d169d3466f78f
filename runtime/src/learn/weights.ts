import type { TensorData } from '@spikewire/models';

/**
 * The weights of one learned connection, in whatever format they are kept. Outside it is all real numbers in the units of the
 * graph; a weight's index k is its place in the graph's tensor, which `Connectivity.forEachSynapse` names.
 *
 * Where rounding is random, one number is drawn per call of `add` and per element of `addScaled`, in order: two engines that
 * make the same calls keep the same weights bit for bit.
 */
export interface LearnedWeights {
  readonly length: number;
  read(k: number): number;
  add(k: number, change: number): void;
  /** Adds factor · changes[i] to weight start + i, for every i: one row of an outer product. */
  addScaled(start: number, changes: Float64Array, factor: number): void;
  /** Brings a weight into lowest … highest. */
  clip(k: number, lowest: number, highest: number): void;
  /** Back to the weights of the model. */
  restoreBase(): void;
  /** Everything that changes, by name; views, not copies. */
  readonly state: Readonly<Record<string, TensorData>>;
  /** To be called after `state` was overwritten from outside. */
  restored(): void;
  /** Bytes of the arrays that these weights allocated themselves. */
  readonly bytes: number;
}
