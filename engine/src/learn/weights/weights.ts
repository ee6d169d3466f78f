import type { KeptState, LearnedWeightsState } from '@spikewire/models';
import type { SynapseList } from './synapses.ts';

/**
 * A change Δw = (factor·x + offset) · (constant + slope·w), x from a trace, that brings each weight into lowest …
 * highest.
 */
export interface LinearWeightChange {
  trace: Float64Array | Float32Array;
  factor: number;
  offset: number;
  constant: number;
  slope: number;
  lowest: number;
  highest: number;
}

/**
 * Such a change of the weights start + e·stride, e < count, that share a neuron, x = trace[first + e]. One object
 * serves all rows.
 */
export interface WeightRow extends LinearWeightChange {
  start: number;
  stride: number;
  count: number;
  first: number;
}

/**
 * A change of a whole matrix of `outputs` rows by `inputs` columns: Δw_ji = factors[j]·trace[i]·scale. One object
 * serves every step.
 */
export interface WeightProduct {
  readonly inputs: number;
  readonly outputs: number;
  readonly factors: Float64Array;
  trace: Float64Array;
  scale: number;
}

/** An engine's own way to change a dense matrix that it keeps. */
export interface MatrixKernels {
  addProduct(product: WeightProduct): void;
  /** Changes all weights of an output; the row begins with the trace's first number, which is a Float64Array. */
  changeRow(output: number, row: WeightRow): void;
}

export function weightRow(): WeightRow {
  const [lowest, highest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const ofRow = { start: 0, stride: 1, count: 0, trace: new Float64Array(0), first: 0 };
  return { ...ofRow, factor: 0, offset: 0, constant: 1, slope: 0, lowest, highest };
}

/**
 * Which weights lead to the same output, or to the same channel: runs of `rowLength`, or where they are no runs, the
 * row of each.
 */
export interface WeightRows {
  readonly count: number;
  /** Undefined where rows are no runs of equal length. */
  readonly rowLength: number | undefined;
  readonly rowOf: Int32Array | undefined;
}

/**
 * The weights of one learned connection, in whatever format they are kept. Outside it is all real numbers in the units
 * of the graph; a weight's index k is its position in the graph's tensor, which `Connectivity.forEachSynapse` names.
 *
 * Where rounding is random, one number is drawn per call of `add` and per weight of `addRow` and `scaleRows`, in order:
 * two engines that make the same calls keep the same weights bit for bit.
 */
export interface LearnedWeights {
  readonly length: number;
  /**
   * Whether changes are products of integers (docs/semantics.md §4): then all come by `addRow`, from integer traces,
   * without an offset and independent of the weight.
   */
  readonly isInteger?: boolean;
  read(k: number): number;
  add(k: number, change: number): void;
  addRow(row: WeightRow): void;
  /** Where it is faster than row by row: the same as `addRow` for all rows of a dense matrix. */
  addProduct?(product: WeightProduct): void;
  /**
   * Where it is faster than one by one: changes the weights of the synapses of neuron `n` of a list, x from the trace
   * by the neuron on the other side.
   */
  readonly addListed?: ((list: SynapseList, n: number, change: LinearWeightChange) => void) | undefined;
  /** The same for bounds. */
  readonly clipListed?: ((list: SynapseList, n: number, lowest: number, highest: number) => void) | undefined;
  /** Brings a weight into lowest … highest. */
  clip(k: number, lowest: number, highest: number): void;
  /** The same for the weights start + e·stride, e < count. */
  clipRow(start: number, stride: number, count: number, lowest: number, highest: number): void;
  /** Adds the magnitude of each weight to the sum of its row. */
  addSizes(sums: Float64Array, rows: WeightRows): void;
  /** w ← factor of its row · w. */
  scaleRows(factors: Float64Array, rows: WeightRows): void;
  /** Back to the weights of the model. */
  restoreBase(): void;
  /** What was learned, as every engine reads it; a copy. */
  save(): LearnedWeightsState;
  /** Sets a weight to the nearest that its format has. Returns whether it had to be cut to the end of its range. */
  set(k: number, value: number): boolean;
  /**
   * Everything that changes, by name. `value` has the weights as they lie in the engine, which is
   * how states of version 1 kept them.
   */
  readonly state: KeptState;
  /** To be called after `state` was overwritten from outside. */
  restored(): void;
  /** Bytes of the arrays that these weights allocated themselves. */
  readonly bytes: number;
}

/** `addRow` in terms of `add`, for weights that lie in no order that a loop could use. */
export function addRowOneByOne(weights: LearnedWeights, row: WeightRow): void {
  const { start, stride, count, trace, first, factor, offset, constant, slope, lowest, highest } = row;
  for (let e = 0, k = start; e < count; e++, k += stride) {
    const dependence = slope === 0 ? constant : constant + slope * weights.read(k);
    weights.add(k, (factor * trace[first + e]! + offset) * dependence);
  }
  if (isBounded(row)) clipRowOneByOne(weights, start, stride, count, lowest, highest);
}

export function isBounded({ lowest, highest }: WeightRow): boolean {
  return lowest !== Number.NEGATIVE_INFINITY || highest !== Number.POSITIVE_INFINITY;
}

/** `clipRow` in terms of `clip`. */
export function clipRowOneByOne(
  weights: LearnedWeights,
  start: number,
  stride: number,
  count: number,
  lowest: number,
  highest: number,
): void {
  for (let e = 0, k = start; e < count; e++, k += stride) weights.clip(k, lowest, highest);
}

export function addSizesOneByOne(weights: LearnedWeights, sums: Float64Array, rows: WeightRows): void {
  for (let k = 0; k < weights.length; k++) sums[rowOf(k, rows)]! += Math.abs(weights.read(k));
}

export function scaleRowsOneByOne(weights: LearnedWeights, factors: Float64Array, rows: WeightRows): void {
  for (let k = 0; k < weights.length; k++) {
    const factor = factors[rowOf(k, rows)]!;
    if (factor !== 1) weights.add(k, (factor - 1) * weights.read(k));
  }
}

function rowOf(k: number, { rowLength, rowOf: listed }: WeightRows): number {
  return listed === undefined ? Math.floor(k / rowLength!) : listed[k]!;
}

/** Whole rows in terms of single weights, for weights whose format or order leaves nothing to gain by more. */
export abstract class WeightsOneByOne {
  addRow(this: LearnedWeights, row: WeightRow): void {
    addRowOneByOne(this, row);
  }

  clipRow(this: LearnedWeights, start: number, stride: number, count: number, lowest: number, highest: number): void {
    clipRowOneByOne(this, start, stride, count, lowest, highest);
  }

  addSizes(this: LearnedWeights, sums: Float64Array, rows: WeightRows): void {
    addSizesOneByOne(this, sums, rows);
  }

  scaleRows(this: LearnedWeights, factors: Float64Array, rows: WeightRows): void {
    scaleRowsOneByOne(this, factors, rows);
  }
}
