import {
  type KeptState,
  kept,
  LEARNED_MAXIMUM,
  type LearnedWeightsState,
  real,
  roundHalfEven,
} from '@spikewire/models';
import type { IntegerWeightsOptions } from './integer-weights.ts';
import { type LearnedWeights, WeightsOneByOne } from './weights.ts';

/** Learned weights kept as float32 in an integer model that asks for it; the engine computes with the nearest q. */
export class RoundedWeights extends WeightsOneByOne implements LearnedWeights {
  readonly length: number;
  readonly state: KeptState;
  readonly bytes: number;
  readonly #values: Float32Array;
  readonly #options: Omit<IntegerWeightsOptions, 'random'>;

  constructor(options: Omit<IntegerWeightsOptions, 'random'>) {
    super();
    this.length = options.base.length;
    this.#options = options;
    this.#values = new Float32Array(this.length);
    this.state = { value: kept(this.#values, real()) };
    this.bytes = this.#values.byteLength + options.unit.byteLength;
    this.restoreBase();
  }

  read(k: number): number {
    return this.#values[k]!;
  }

  add(k: number, change: number): void {
    this.#set(k, this.#values[k]! + change);
  }

  clip(k: number, lowest: number, highest: number): void {
    const value = this.#values[k]!;
    if (value < lowest) this.#set(k, lowest);
    else if (value > highest) this.#set(k, highest);
  }

  restoreBase(): void {
    for (let k = 0; k < this.length; k++) this.#set(k, this.#options.base[k]! * this.#unit(k));
  }

  save(): LearnedWeightsState {
    return { weights: this.#values.slice() };
  }

  /** The weight is kept as it is; what may be cut is the q that the engine computes with. */
  set(k: number, value: number): boolean {
    this.#set(k, value);
    return Math.abs(roundHalfEven(this.#values[k]! / this.#unit(k))) > LEARNED_MAXIMUM;
  }

  restored(): void {
    for (let k = 0; k < this.length; k++) this.#set(k, this.#values[k]!);
  }

  #unit(k: number): number {
    return this.#options.unit[Math.floor(k / this.#options.rowLength)]!;
  }

  #set(k: number, value: number): void {
    this.#values[k] = value;
    const q = roundHalfEven(this.#values[k]! / this.#unit(k));
    this.#options.changed(k, Math.max(-LEARNED_MAXIMUM, Math.min(LEARNED_MAXIMUM, q)));
  }
}
