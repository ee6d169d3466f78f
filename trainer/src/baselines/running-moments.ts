/** Mean and deviation of a stream: of all values at first, then with an exponential memory. */
export class RunningMoments {
  readonly #memory: number;
  readonly #least: number;
  #mean = 0;
  #variance = 0;
  #count = 0;

  /**
   * @param memory values after which the past has faded by 1/e
   * @param least share of the mean below which a deviation is taken for rounding
   */
  constructor(memory: number, least = 1e-6) {
    this.#memory = memory;
    this.#least = least;
  }

  /** How far a value lies from the mean; 0 before the second value. */
  deviationsOf(x: number): number {
    if (this.#count < 2) return 0;
    return (x - this.#mean) / (Math.sqrt(this.#variance) + this.#least * Math.abs(this.#mean) + 1e-9);
  }

  add(x: number): void {
    this.#count = Math.min(this.#count + 1, this.#memory);
    const share = 1 / this.#count;
    const distance = x - this.#mean;
    this.#mean += share * distance;
    this.#variance += share * (distance * distance * (1 - share) - this.#variance);
  }
}
