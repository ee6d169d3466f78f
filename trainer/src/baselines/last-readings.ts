/** The last few readings side by side, the newest last: a point of a space in which outliers are looked for. */
export class LastReadings {
  readonly #point: Float64Array;
  readonly #channels: number;
  #count = 0;

  constructor(channels: number, readings: number) {
    this.#channels = channels;
    this.#point = new Float64Array(channels * readings);
  }

  /** The point that ends with this reading; undefined while too few have come. A view. */
  add(values: ArrayLike<number>): Float64Array | undefined {
    this.#point.copyWithin(0, this.#channels);
    for (let k = 0; k < this.#channels; k++) this.#point[this.#point.length - this.#channels + k] = values[k]!;
    this.#count += this.#channels;
    return this.#count >= this.#point.length ? this.#point : undefined;
  }
}
