/** The last readings of one channel with their mean and deviation, kept by updates of O(1). */
export class MovingWindow {
  readonly #values: Float64Array;
  #count = 0;
  #next = 0;
  #mean = 0;
  /** Sum of squared distances from the mean (Welford 1962, with removal). */
  #squares = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  get full(): boolean {
    return this.#count === this.#values.length;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Standard deviation of the values in the window. */
  get deviation(): number {
    return Math.sqrt(Math.max(0, this.#squares / this.#count));
  }

  add(value: number): void {
    if (this.full) this.#replace(this.#values[this.#next]!, value);
    else this.#append(value);
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
  }

  #append(value: number): void {
    this.#count++;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }

  #replace(old: number, value: number): void {
    const mean = this.#mean + (value - old) / this.#count;
    this.#squares += (value - old) * (value - mean + old - this.#mean);
    this.#mean = mean;
  }
}
