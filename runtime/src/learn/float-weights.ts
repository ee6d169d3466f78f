import type { TensorData } from '@spikewire/models';
import type { LearnedWeights } from './weights.ts';

/**
 * Where a weight stands in an engine's array: weight k = row·rowLength + column is element row·rowStride + column·columnStride.
 * With this an engine that keeps a matrix transposed or padded has it learned in place, without a copy.
 */
export interface WeightLayout {
  /** Weights of one row of the graph's tensor: all that lead to one output (or output channel). */
  readonly rowLength: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Weights as floating-point numbers, in an array that the engine reads. */
export class FloatWeights implements LearnedWeights {
  readonly length: number;
  readonly state: Readonly<Record<string, TensorData>>;
  readonly bytes = 0;
  readonly #values: Float64Array | Float32Array;
  readonly #base: TensorData;
  readonly #layout: WeightLayout;

  /** `values` belongs to the engine and is set to `base`, the weights of the model in the graph's order. */
  constructor(values: Float64Array | Float32Array, base: TensorData, layout?: WeightLayout) {
    this.length = base.length;
    this.state = { value: values };
    this.#values = values;
    this.#base = base;
    this.#layout = layout ?? { rowLength: base.length, rowStride: 0, columnStride: 1 };
    this.restoreBase();
  }

  read(k: number): number {
    return this.#values[this.#place(k)]!;
  }

  add(k: number, change: number): void {
    this.#values[this.#place(k)]! += change;
  }

  addScaled(start: number, changes: Float64Array, factor: number): void {
    const { rowLength, columnStride } = this.#layout;
    const values = this.#values;
    const count = changes.length;
    if ((start % rowLength) + count > rowLength) {
      for (let i = 0; i < count; i++) this.add(start + i, factor * changes[i]!);
      return;
    }
    const place = this.#place(start);
    if (columnStride === 1) for (let i = 0; i < count; i++) values[place + i]! += factor * changes[i]!;
    else for (let i = 0; i < count; i++) values[place + i * columnStride]! += factor * changes[i]!;
  }

  clip(k: number, lowest: number, highest: number): void {
    const place = this.#place(k);
    const value = this.#values[place]!;
    if (value < lowest) this.#values[place] = lowest;
    else if (value > highest) this.#values[place] = highest;
  }

  restoreBase(): void {
    for (let k = 0; k < this.length; k++) this.#values[this.#place(k)] = this.#base[k]!;
  }

  restored(): void {}

  #place(k: number): number {
    const { rowLength, rowStride, columnStride } = this.#layout;
    const column = k % rowLength;
    // The quotient is whole; saying so keeps what is computed with it in integer registers.
    const row = ((k - column) / rowLength) | 0;
    return row * rowStride + column * columnStride;
  }
}
