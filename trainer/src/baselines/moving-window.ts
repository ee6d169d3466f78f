/**
 * The last readings of one channel with their mean and deviation, kept by updates of O(1) (Welford 1962, with removal)
 * and computed anew once per length of the window, so that rounding does not add up and a wild value is forgotten when
 * it leaves.
 */
export class MovingWindow {
  readonly #values: Float64Array;
  #count = 0;
  #next = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
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
    if (this.#next === 0) this.#computeAnew();
  }

  #computeAnew(): void {
    this.#mean = this.#values.reduce((sum, value) => sum + value, 0) / this.#count;
    this.#squares = this.#values.reduce((sum, value) => sum + (value - this.#mean) ** 2, 0);
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
