import type { WindowGeometry } from './connectivity.ts';

/** Larger sizes, steps and distances of windows are refused: products of two of them are exact whole numbers. */
export const LARGEST_STEP = 2 ** 26;

/**
 * How a window slides along one axis. The taps of its kernel that meet an element are found by arithmetic, so that the
 * work is that of the synapses there are, whatever the size of the kernel.
 */
export class Slide {
  /** From one tap that meets an element to the next. */
  readonly step: number;
  readonly #windows: number;
  readonly #taps: number;
  readonly #stride: number;
  readonly #dilation: number;
  readonly #padding: number;
  /** What stride and dilation have in common, and the dilation's inverse beside it, modulo `step`. */
  readonly #common: number;
  readonly #inverse: number;

  constructor({ outputSize, kernel, stride, dilation, padding }: WindowGeometry, axis: 0 | 1) {
    this.#windows = outputSize[axis];
    this.#taps = kernel[axis];
    this.#stride = stride[axis];
    this.#dilation = dilation[axis];
    this.#padding = padding[axis];
    [this.#common, this.#inverse] = commonAndInverse(this.#dilation, this.#stride);
    this.step = this.#stride / this.#common;
  }

  /** The first tap that meets the element, Infinity where none does; others follow by `step`, up to `lastTap`. */
  firstTap(element: number): number {
    const offset = element + this.#padding;
    if (offset % this.#common !== 0) return Infinity;
    const lowest = Math.max(0, Math.ceil((offset - (this.#windows - 1) * this.#stride) / this.#dilation));
    const any = ((offset / this.#common) % this.step) * this.#inverse;
    return lowest + remainder(any - lowest, this.step);
  }

  /** No later one meets it. */
  lastTap(element: number): number {
    return Math.min(this.#taps - 1, Math.floor((element + this.#padding) / this.#dilation));
  }

  /** The window that meets the element with this tap, which is one of those. */
  windowOf(element: number, tap: number): number {
    return (element + this.#padding - tap * this.#dilation) / this.#stride;
  }
}

/** The greatest common divisor g of both, and x with number · x ≡ g, modulo the modulus (Euclid). */
function commonAndInverse(number: number, modulus: number): readonly [common: number, inverse: number] {
  let [rest, factor] = [modulus, 0];
  let [nextRest, nextFactor] = [number % modulus, 1];
  while (nextRest > 0) {
    const quotient = Math.floor(rest / nextRest);
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return [rest, remainder(factor, modulus / rest)];
}

/** From 0 on, also of a negative number. */
function remainder(number: number, divisor: number): number {
  return ((number % divisor) + divisor) % divisor;
}
