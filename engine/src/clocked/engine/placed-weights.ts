import { type KeptState, kept, type LearnedWeightsState, real, type TensorData } from '@spikewire/models';
import { type LearnedWeights, WeightsOneByOne } from '../../learn/weights/weights.ts';
import type { PackedWeights } from '../packed-weights.ts';

/** Learned float32 weights in an order that strides cannot say: the taps of a convolution, or rows into channels. */
export class PlacedWeights extends WeightsOneByOne implements LearnedWeights {
  readonly length: number;
  readonly state: KeptState;
  readonly bytes = 0;
  readonly #packed: PackedWeights;
  readonly #base: TensorData;

  /** `packed` belongs to the engine and is set to `base`, the weights of the model. */
  constructor(packed: PackedWeights, base: TensorData) {
    super();
    this.length = base.length;
    this.state = { value: kept(packed.values, real()) };
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

  clip(k: number, lowest: number, highest: number): void {
    const value = this.read(k);
    if (value < lowest) this.#packed.write(k, lowest);
    else if (value > highest) this.#packed.write(k, highest);
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
