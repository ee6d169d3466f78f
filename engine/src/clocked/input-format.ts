import { type InputQuantization, roundHalfEven } from '@spikewire/models';
import { clamped } from './kernels/float-numbers.ts';

/** What an input value becomes in the numbers of a net. */
export interface InputFormat {
  /** The value that becomes 1: a spike. */
  readonly one: number;
  convert(value: number): number;
  /** Values cut to the range since somebody took their count. */
  clipped: number;
}

/** Whole numbers: to nearest, ties to even, held within the range of the input. */
export class WholeInput implements InputFormat {
  clipped = 0;
  readonly one: number;
  readonly #maximum: number;

  constructor({ scale, maximum }: InputQuantization) {
    this.one = scale;
    this.#maximum = maximum;
  }

  convert(value: number): number {
    const whole = roundHalfEven(value / this.one);
    if (whole >= -this.#maximum && whole <= this.#maximum) return whole;
    this.clipped++;
    return whole > 0 ? this.#maximum : -this.#maximum;
  }
}

/** Float32. */
export class FloatInput implements InputFormat {
  readonly one = 1;
  clipped = 0;

  convert(value: number): number {
    return clamped(Math.fround(value));
  }
}
