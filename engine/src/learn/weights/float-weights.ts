import {
  type KeptState,
  kept,
  LARGEST_FLOAT32,
  type LearnedWeightsState,
  real,
  type TensorData,
} from '@spikewire/models';
import type { SynapseList } from './synapses.ts';
import {
  addRowOneByOne,
  addSizesOneByOne,
  clipRowOneByOne,
  isBounded,
  type LearnedWeights,
  type LinearWeightChange,
  type MatrixKernels,
  scaleRowsOneByOne,
  type WeightProduct,
  type WeightRow,
  type WeightRows,
} from './weights.ts';

/**
 * Where a weight stands in an engine's array: weight k = row·rowLength + column is element row·rowStride +
 * column·columnStride. With this an engine that keeps a matrix transposed or padded has it learned in place, without a
 * copy.
 */
export interface WeightLayout {
  /** Weights of one row of the graph's tensor: all that lead to one output (or output channel). */
  readonly rowLength: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A shorter row costs less than the call of a kernel. */
const SHORTEST_ROW = 64;

/** How far from 0 a learned weight may be: as far as float32 goes, or as the weights of the model. */
function farthestOf(base: TensorData): number {
  let farthest = LARGEST_FLOAT32;
  for (const weight of base) farthest = Math.max(farthest, Math.abs(weight));
  return Math.min(farthest, Number.MAX_VALUE);
}

/** Weights as floating-point numbers, in an array that the engine reads. */
export class FloatWeights implements LearnedWeights {
  readonly length: number;
  readonly state: KeptState;
  readonly bytes = 0;
  /** Where weights lie in the graph's order, as those of listed synapses do. */
  readonly addListed: LearnedWeights['addListed'];
  readonly clipListed: LearnedWeights['clipListed'];
  readonly #values: Float64Array | Float32Array;
  readonly #base: TensorData;
  readonly #layout: WeightLayout;
  readonly #kernels: MatrixKernels | undefined;

  /**
   * `values` belongs to the engine and is set to `base`, the weights of the model in the graph's order. `kernels` are
   * the engine's own way to change a dense matrix, where it has some.
   */
  constructor(values: Float64Array | Float32Array, base: TensorData, layout?: WeightLayout, kernels?: MatrixKernels) {
    this.#kernels = kernels;
    this.length = base.length;
    const farthest = farthestOf(base);
    this.state = { value: kept(values, real(-farthest, farthest)) };
    this.#values = values;
    this.#base = base;
    this.#layout = layout ?? { rowLength: base.length, rowStride: base.length, columnStride: 1 };
    if (this.#isInOrder()) {
      this.addListed = (list, n, change) => changeListed(values, list, n, change);
      this.clipListed = (list, n, lowest, highest) => clipListed(values, list, n, lowest, highest);
    }
    this.restoreBase();
  }

  read(k: number): number {
    return this.#values[this.#indexOf(k)]!;
  }

  add(k: number, change: number): void {
    this.#values[this.#indexOf(k)]! += change;
  }

  addRow(row: WeightRow): void {
    if (this.#kernels !== undefined && this.#isWholeOutput(row)) {
      this.#kernels.changeRow(row.start / row.count, row);
      return;
    }
    const step = this.#stepOf(row.start, row.stride, row.count);
    if (step === 0) {
      addRowOneByOne(this, row);
      return;
    }
    if (row.slope !== 0 || isBounded(row)) this.#addDependent(row, step);
    else this.#addPlain(row, step);
  }

  addProduct(product: WeightProduct): void {
    if (this.#kernels !== undefined) {
      this.#kernels.addProduct(product);
      return;
    }
    const { inputs, outputs, factors, trace, scale } = product;
    const { columnStride } = this.#layout;
    const rowStride = this.#rowStrideFor(inputs);
    const values = this.#values;
    // A few rows one after the other: an inner loop of so few steps would cost more than it does.
    if (outputs < 8 || rowStride !== 1) {
      for (let j = 0; j < outputs; j += 2) this.#addTwoRows(product, j, rowStride);
      return;
    }
    for (let i = 0; i < inputs; i++) {
      const x = trace[i]! * scale;
      const first = i * columnStride;
      for (let j = 0; j < outputs; j++) values[first + j]! += factors[j]! * x;
    }
  }

  clip(k: number, lowest: number, highest: number): void {
    const index = this.#indexOf(k);
    const value = this.#values[index]!;
    if (value < lowest) this.#values[index] = lowest;
    else if (value > highest) this.#values[index] = highest;
  }

  clipRow(start: number, stride: number, count: number, lowest: number, highest: number): void {
    const step = this.#stepOf(start, stride, count);
    if (step === 0) {
      clipRowOneByOne(this, start, stride, count, lowest, highest);
      return;
    }
    const values = this.#values;
    let index = this.#indexOf(start);
    for (let e = 0; e < count; e++, index += step) {
      const value = values[index]!;
      if (value < lowest) values[index] = lowest;
      else if (value > highest) values[index] = highest;
    }
  }

  addSizes(sums: Float64Array, rows: WeightRows): void {
    const rowStride = this.#rowStrideFor(rows.rowLength ?? 0);
    if (rowStride === 0) {
      addSizesOneByOne(this, sums, rows);
      return;
    }
    const values = this.#values;
    // Column by column, which is the order in memory where an engine keeps a matrix transposed.
    for (let column = 0; column < rows.rowLength!; column++) {
      let index = column * this.#layout.columnStride;
      for (let row = 0; row < sums.length; row++, index += rowStride) sums[row]! += Math.abs(values[index]!);
    }
  }

  scaleRows(factors: Float64Array, rows: WeightRows): void {
    const rowStride = this.#rowStrideFor(rows.rowLength ?? 0);
    if (rowStride === 0) {
      scaleRowsOneByOne(this, factors, rows);
      return;
    }
    const values = this.#values;
    for (let column = 0; column < rows.rowLength!; column++) {
      let index = column * this.#layout.columnStride;
      for (let row = 0; row < factors.length; row++, index += rowStride) values[index]! *= factors[row]!;
    }
  }

  restoreBase(): void {
    for (let k = 0; k < this.length; k++) this.#values[this.#indexOf(k)] = this.#base[k]!;
  }

  save(): LearnedWeightsState {
    const weights =
      this.#values instanceof Float64Array ? new Float64Array(this.length) : new Float32Array(this.length);
    for (let k = 0; k < this.length; k++) weights[k] = this.read(k);
    return { weights };
  }

  set(k: number, value: number): boolean {
    this.#values[this.#indexOf(k)] = value;
    return false;
  }

  restored(): void {}

  /** Row j and, where there is one, the next: the trace is then read once for both. */
  #addTwoRows({ inputs, outputs, factors, trace, scale }: WeightProduct, j: number, rowStride: number): void {
    const { columnStride } = this.#layout;
    const values = this.#values;
    const factor = factors[j]!;
    let index = j * rowStride;
    if (j + 1 === outputs) {
      for (let i = 0; i < inputs; i++, index += columnStride) values[index]! += factor * (trace[i]! * scale);
      return;
    }
    const next = factors[j + 1]!;
    for (let i = 0; i < inputs; i++, index += columnStride) {
      const x = trace[i]! * scale;
      values[index]! += factor * x;
      values[index + rowStride]! += next * x;
    }
  }

  #addPlain(row: WeightRow, step: number): void {
    const { count, trace, first, constant } = row;
    const values = this.#values;
    const factor = row.factor * constant;
    const offset = row.offset * constant;
    let index = this.#indexOf(row.start);
    for (let e = 0; e < count; e++, index += step) values[index]! += factor * trace[first + e]! + offset;
  }

  #addDependent(row: WeightRow, step: number): void {
    const { count, trace, first, factor, offset, constant, slope, lowest, highest } = row;
    const values = this.#values;
    let index = this.#indexOf(row.start);
    for (let e = 0; e < count; e++, index += step) {
      const weight = values[index]!;
      const grown = weight + (factor * trace[first + e]! + offset) * (constant + slope * weight);
      values[index] = Math.max(lowest, Math.min(highest, grown));
    }
  }

  /** Whether a row is all that leads to an output, and long enough for a kernel to be worth the call. */
  #isWholeOutput({ stride, count, first, trace, start }: WeightRow): boolean {
    if (stride !== 1 || first !== 0 || count < SHORTEST_ROW || !(trace instanceof Float64Array)) return false;
    return count === this.#layout.rowLength && start % count === 0;
  }

  #isInOrder(): boolean {
    const { rowLength, rowStride, columnStride } = this.#layout;
    return columnStride === 1 && (rowLength >= this.length || rowStride === rowLength);
  }

  #indexOf(k: number): number {
    const { rowLength, rowStride, columnStride } = this.#layout;
    const column = k % rowLength;
    // The quotient is whole; saying so keeps what is computed with it in integer registers.
    const row = ((k - column) / rowLength) | 0;
    return row * rowStride + column * columnStride;
  }

  /**
   * Distance in the array of the first weights of two rows of this length; 0 where rows of this length do not lie so.
   */
  #rowStrideFor(length: number): number {
    const { rowLength, rowStride, columnStride } = this.#layout;
    if (length === rowLength) return rowStride;
    return rowStride === rowLength * columnStride ? length * columnStride : 0;
  }

  /**
   * Distance in the array of weights that are `stride` apart in the graph's order; 0 where it is not always the same.
   */
  #stepOf(start: number, stride: number, count: number): number {
    const { rowLength, rowStride, columnStride } = this.#layout;
    if (rowStride === rowLength * columnStride) return stride * columnStride;
    if (stride === rowLength) return rowStride;
    return stride === 1 && (start % rowLength) + count <= rowLength ? columnStride : 0;
  }
}

function changeListed(
  values: Float64Array | Float32Array,
  { other, synapse, from }: SynapseList,
  n: number,
  { trace, factor, offset, constant, slope, lowest, highest }: LinearWeightChange,
): void {
  const end = from[n + 1]!;
  for (let entry = from[n]!; entry < end; entry++) {
    const k = synapse === undefined ? entry : synapse[entry]!;
    const weight = values[k]!;
    const grown = weight + (factor * trace[other[entry]!]! + offset) * (constant + slope * weight);
    values[k] = grown < lowest ? lowest : grown > highest ? highest : grown;
  }
}

function clipListed(
  values: Float64Array | Float32Array,
  { synapse, from }: SynapseList,
  n: number,
  lowest: number,
  highest: number,
): void {
  const end = from[n + 1]!;
  for (let entry = from[n]!; entry < end; entry++) {
    const k = synapse === undefined ? entry : synapse[entry]!;
    const value = values[k]!;
    if (value < lowest) values[k] = lowest;
    else if (value > highest) values[k] = highest;
  }
}
