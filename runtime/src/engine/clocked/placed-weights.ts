import type { LearnedWeightsState, TensorData } from '@spikewire/models';
import {
  addRowOneByOne,
  addSizesOneByOne,
  clipRowOneByOne,
  type LearnedWeights,
  scaleRowsOneByOne,
  type WeightRow,
  type WeightRows,
} from '../../learn/weights.ts';
import type { PackedWeights } from './packed-weights.ts';

/** Learned float32 weights in an order that strides cannot say: the taps of a convolution, or rows into channels. */
export class PlacedWeights implements LearnedWeights {
  readonly length: number;
  readonly state: Readonly<Record<string, TensorData>>;
  readonly bytes = 0;
  readonly #packed: PackedWeights;
  readonly #base: TensorData;

  /** `packed` belongs to the engine and is set to `base`, the weights of the model. */
  constructor(packed: PackedWeights, base: TensorData) {
    this.length = base.length;
    this.state = { value: packed.values };
    this.#packed = packed;
    this.#base = base;
    this.restoreBase();
  }

  read(k: number): number {
    return this.#packed.read(k);
  }

  add(k: number, change: number): void {
    this.#packed.write(k, this.#packed.read(k) + change);
  }

  addRow(row: WeightRow): void {
    addRowOneByOne(this, row);
  }

  clip(k: number, lowest: number, highest: number): void {
    const value = this.read(k);
    if (value < lowest) this.#packed.write(k, lowest);
    else if (value > highest) this.#packed.write(k, highest);
  }

  clipRow(start: number, stride: number, count: number, lowest: number, highest: number): void {
    clipRowOneByOne(this, start, stride, count, lowest, highest);
  }

  addSizes(sums: Float64Array, rows: WeightRows): void {
    addSizesOneByOne(this, sums, rows);
  }

  scaleRows(factors: Float64Array, rows: WeightRows): void {
    scaleRowsOneByOne(this, factors, rows);
  }

  restoreBase(): void {
    for (let k = 0; k < this.length; k++) this.#packed.write(k, this.#base[k]!);
  }

  save(): LearnedWeightsState {
    return { weights: Float32Array.from({ length: this.length }, (_, k) => this.read(k)) };
  }

  set(k: number, value: number): boolean {
    this.#packed.write(k, value);
    return false;
  }

  restored(): void {}
}
