import {
  anything,
  type KeptState,
  kept,
  LEARNED_MAXIMUM,
  type LearnedWeightsState,
  type RandomGenerator,
  roundHalfEven,
  type TensorData,
} from '@spikewire/models';
import { isBounded, type LearnedWeights, type WeightRow, WeightsOneByOne } from './weights.ts';

/** Bits that a 16-bit learned weight has below the grid of q; an 8-bit one has none. */
const BITS_BELOW = 8;
/** Weights that draw their numbers together. */
const BLOCK = 128;
/** Makes a 32-bit draw uniform in [0, 1). */
const UNIFORM = 2 ** -32;

/** Below the first the largest trace changes one weight in 500, with the other any moves it from end to end. */
const [SMALLEST_GAIN, LARGEST_GAIN] = [2 ** -33, 2 ** 16];
/** Significant bits of a gain. */
const GAIN_BITS = 15;
/** A float64 as bits, big-endian: the upper 12 are sign and exponent. */
const bits = new DataView(new ArrayBuffer(8));

/** The nearest number m·2^−s with whole 2^14 ≤ |m| ≤ 2^15; ties to even. Below 2^−33 it is 0, at most 2^16. */
export function roundedGain(gain: number): number {
  const size = Math.abs(gain);
  if (!(size >= SMALLEST_GAIN)) return 0;
  if (size >= LARGEST_GAIN) return Math.sign(gain) * LARGEST_GAIN;
  bits.setFloat64(0, size);
  const exponent = bits.getUint16(0) >> 4;
  bits.setFloat64(0, 0);
  bits.setUint16(0, (exponent + 1 - GAIN_BITS) << 4);
  const unit = bits.getFloat64(0);
  return roundHalfEven(gain / unit) * unit;
}

export interface IntegerWeightsOptions {
  /** The model's integers q, in the graph's order. */
  readonly base: TensorData;
  /** Weights of one row of the graph's tensor: all that lead to one output (or output channel). */
  readonly rowLength: number;
  /** What q = 1 is worth in real units of the graph, one value per row. */
  readonly unit: Float64Array;
  /** int16 (default) keeps 8 bits below the grid of q, int8 is that grid itself. */
  readonly storage?: 'int16' | 'int8';
  /** `integer`: changes are products of integers too; default real numbers that are rounded. */
  readonly arithmetic?: 'integer';
  readonly random: RandomGenerator;
  /** Called when the q that the engine computes with becomes another. */
  changed(k: number, q: number): void;
}

/**
 * Weights as 16-bit integers W = 256·q with stochastic rounding (docs/semantics.md §2): the engine computes with the
 * rounded high byte, clipped to the range of q, and what is smaller than its grid adds up below. Rounding up with the
 * probability of the remainder keeps the mean of any sequence of changes exact, where rounding to nearest would lose
 * every small one. As 8-bit integers W = q: half the memory, and the weight itself is then as noisy as the changes are
 * small.
 */
export class IntegerWeights extends WeightsOneByOne implements LearnedWeights {
  readonly length: number;
  readonly isInteger: boolean;
  readonly state: KeptState;
  readonly bytes: number;
  readonly #values: Int16Array | Int8Array;
  readonly #bitsBelow: number;
  readonly #stepsPerUnit: Float64Array;
  readonly #draws: Uint32Array;
  /** Changes before they are rounded, and the indices of their weights. */
  readonly #products: Float64Array;
  readonly #changed: Int32Array;
  readonly #options: IntegerWeightsOptions;

  constructor(options: IntegerWeightsOptions) {
    super();
    this.length = options.base.length;
    this.#options = options;
    this.isInteger = options.arithmetic === 'integer';
    const narrow = options.storage === 'int8';
    this.#bitsBelow = narrow ? 0 : BITS_BELOW;
    this.#values = narrow ? new Int8Array(this.length) : new Int16Array(this.length);
    this.#stepsPerUnit = options.unit.map((unit) => 2 ** this.#bitsBelow / unit);
    this.#draws = new Uint32Array(this.isInteger ? BLOCK : options.rowLength);
    this.#products = new Float64Array(this.isInteger ? BLOCK : 0);
    this.#changed = new Int32Array(this.isInteger ? BLOCK : 0);
    this.state = { value: kept(this.#values, anything), random: options.random.kept };
    const { unit, random } = options;
    const scratch = [this.#draws, this.#products, this.#changed];
    const arrays = [this.#values, this.#stepsPerUnit, ...scratch, unit, random.state];
    this.bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
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

  override addRow(row: WeightRow): void {
    if (this.isInteger) this.#addIntegers(row);
    else this.#addReal(row);
    if (isBounded(row)) this.clipRow(row.start, row.stride, row.count, row.lowest, row.highest);
  }

  /** W ← W + ⌊x·G + d/2³²⌋ for each x that is not 0, d the next draw and G its weight's gain. */
  #addIntegers({ start, stride, count, trace, first, factor }: WeightRow): void {
    const [products, changed] = [this.#products, this.#changed];
    let [row, gain, found] = [-1, 0, 0];
    for (let e = 0, k = start; e < count; e++, k += stride) {
      const x = trace[first + e]!;
      if (x === 0) continue;
      const own = this.#row(k);
      if (own !== row) gain = roundedGain(factor * this.#stepsPerUnit[own]!);
      row = own;
      if (gain === 0) continue;
      products[found] = x * gain;
      changed[found++] = k;
      if (found === BLOCK) found = this.#addProducts(found);
    }
    this.#addProducts(found);
  }

  /** Returns how many are left. */
  #addProducts(count: number): 0 {
    const [draws, products, changed, values] = [this.#draws, this.#products, this.#changed, this.#values];
    this.#options.random.fillUint32(draws, count);
    for (let c = 0; c < count; c++) {
      const whole = Math.floor(products[c]! + draws[c]! * UNIFORM);
      const k = changed[c]!;
      if (whole !== 0) this.#set(k, values[k]! + whole);
    }
    return 0;
  }

  #addReal(row: WeightRow): void {
    const { random, rowLength } = this.#options;
    const { start, stride, count, trace, first, factor, offset, constant, slope } = row;
    const draws = this.#draws;
    const values = this.#values;
    const oneUnit = stride === 1 && (start % rowLength) + count <= rowLength;
    for (let done = 0; done < count; done += draws.length) {
      const part = Math.min(draws.length, count - done);
      random.fillUint32(draws, part);
      let steps = this.#stepsPerUnit[this.#row(start)]!;
      for (let d = 0; d < part; d++) {
        const e = done + d;
        const k = start + e * stride;
        if (!oneUnit) steps = this.#stepsPerUnit[this.#row(k)]!;
        const dependence = slope === 0 ? constant : constant + (slope * values[k]!) / steps;
        const change = (factor * trace[first + e]! + offset) * dependence;
        const whole = Math.floor(change * steps + draws[d]! * UNIFORM);
        if (whole !== 0) this.#set(k, values[k]! + whole);
      }
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
      this.#values[k] = base[k]! * 2 ** this.#bitsBelow;
      changed(k, base[k]!);
    }
  }

  save(): LearnedWeightsState {
    return { weights: this.#values.slice(), stepsPerUnit: this.#stepsPerUnit.slice() };
  }

  set(k: number, value: number): boolean {
    const wanted = roundHalfEven(value * this.#stepsPerUnit[this.#row(k)]!);
    this.#set(k, wanted);
    return this.#values[k] !== wanted;
  }

  restored(): void {
    for (let k = 0; k < this.length; k++) this.#options.changed(k, this.#effective(this.#values[k]!));
  }

  #row(k: number): number {
    return Math.floor(k / this.#options.rowLength);
  }

  /** A 16-bit weight may use all its bits; an 8-bit one is held to the range of q. */
  #set(k: number, wanted: number): void {
    const bits = this.#bitsBelow;
    const highest = bits === 0 ? LEARNED_MAXIMUM : ((LEARNED_MAXIMUM + 1) << bits) - 1;
    const lowest = bits === 0 ? -highest : -highest - 1;
    const value = wanted > highest ? highest : Math.max(wanted, lowest);
    const before = this.#effective(this.#values[k]!);
    this.#values[k] = value;
    const after = this.#effective(value);
    if (after !== before) this.#options.changed(k, after);
  }

  #effective(value: number): number {
    const bits = this.#bitsBelow;
    const q = bits === 0 ? value : (value + (1 << (bits - 1))) >> bits;
    return q > LEARNED_MAXIMUM ? LEARNED_MAXIMUM : Math.max(q, -LEARNED_MAXIMUM);
  }
}
