import type { RandomGenerator, TensorData } from '@spikewire/models';
import type { LearnedWeights } from './weights.ts';

/** A learned weight has 8 bits below the grid of q. */
const STEPS_PER_Q = 256;
/** Makes a 32-bit draw uniform in [0, 1). */
const UNIFORM = 2 ** -32;

export interface IntegerWeightsOptions {
  /** The model's integers q, in the graph's order. */
  readonly base: TensorData;
  /** Weights of one row of the graph's tensor: all that lead to one output (or output channel). */
  readonly rowLength: number;
  /** What q = 1 is worth in real units of the graph, one value per row. */
  readonly unit: Float64Array;
  /** Largest |q|: 127, or 7 in a 4-bit model. */
  readonly maximum: number;
  readonly random: RandomGenerator;
  /** Called when the q that the engine computes with becomes another. */
  changed(k: number, q: number): void;
}

/**
 * Weights as 16-bit integers W = 256·q with stochastic rounding (SEMANTICS section 2): the engine computes with the rounded high
 * byte, clipped to the range of q, and what is smaller than its grid adds up below. Rounding up with the probability of the
 * remainder keeps the mean of any sequence of changes exact, where rounding to nearest would lose every small one.
 */
export class IntegerWeights implements LearnedWeights {
  readonly length: number;
  readonly state: Readonly<Record<string, TensorData>>;
  readonly bytes: number;
  readonly #values: Int16Array;
  readonly #stepsPerUnit: Float64Array;
  readonly #draws: Uint32Array;
  readonly #options: IntegerWeightsOptions;

  constructor(options: IntegerWeightsOptions) {
    this.length = options.base.length;
    this.#options = options;
    this.#values = new Int16Array(this.length);
    this.#stepsPerUnit = options.unit.map((unit) => STEPS_PER_Q / unit);
    this.#draws = new Uint32Array(options.rowLength);
    this.state = { value: this.#values, random: options.random.state };
    this.bytes = this.#values.byteLength + this.#stepsPerUnit.byteLength + this.#draws.byteLength;
    this.restoreBase();
  }

  read(k: number): number {
    return this.#values[k]! / this.#stepsPerUnit[this.#row(k)]!;
  }

  add(k: number, change: number): void {
    const steps = change * this.#stepsPerUnit[this.#row(k)]!;
    // Rounded up where the draw is above what is missing to the next step.
    const whole = Math.floor(steps + this.#options.random.nextUint32() * UNIFORM);
    if (whole !== 0) this.#set(k, this.#values[k]! + whole);
  }

  addScaled(start: number, changes: Float64Array, factor: number): void {
    const { random, rowLength } = this.#options;
    const end = start + changes.length;
    for (let from = start; from < end; ) {
      const row = this.#row(from);
      const count = Math.min(end, (row + 1) * rowLength) - from;
      const steps = factor * this.#stepsPerUnit[row]!;
      random.fillUint32(this.#draws, count);
      this.#addRow(from, count, changes, from - start, steps);
      from += count;
    }
  }

  /** The ends of the range are rounded inwards to the 16-bit grid. */
  clip(k: number, lowest: number, highest: number): void {
    const scale = this.#stepsPerUnit[this.#row(k)]!;
    const value = this.#values[k]!;
    if (value < lowest * scale) this.#set(k, Math.ceil(lowest * scale));
    else if (value > highest * scale) this.#set(k, Math.floor(highest * scale));
  }

  restoreBase(): void {
    const { base, changed } = this.#options;
    for (let k = 0; k < this.length; k++) {
      this.#values[k] = base[k]! * STEPS_PER_Q;
      changed(k, base[k]!);
    }
  }

  restored(): void {
    for (let k = 0; k < this.length; k++) this.#options.changed(k, this.#effective(this.#values[k]!));
  }

  #row(k: number): number {
    return Math.floor(k / this.#options.rowLength);
  }

  /** Adds factor · changes[first + i], in steps of the 16-bit grid, to weight from + i, on the draws that are there. */
  #addRow(from: number, count: number, changes: Float64Array, first: number, factor: number): void {
    const draws = this.#draws;
    for (let i = 0; i < count; i++) {
      const whole = Math.floor(factor * changes[first + i]! + draws[i]! * UNIFORM);
      if (whole !== 0) this.#set(from + i, this.#values[from + i]! + whole);
    }
  }

  /** Saturates to 16 bits, or to the narrower range of a 4-bit weight. */
  #set(k: number, wanted: number): void {
    const highest = (this.#options.maximum + 1) * STEPS_PER_Q - 1;
    const value = wanted > highest ? highest : Math.max(wanted, -highest - 1);
    const before = this.#effective(this.#values[k]!);
    this.#values[k] = value;
    const after = this.#effective(value);
    if (after !== before) this.#options.changed(k, after);
  }

  #effective(value: number): number {
    const { maximum } = this.#options;
    const q = (value + STEPS_PER_Q / 2) >> 8;
    return q > maximum ? maximum : Math.max(q, -maximum);
  }
}
