/** How alike pairs are that come one after the other, in constant memory. */
export class Correlation {
  #count = 0;
  readonly #mean = [0, 0];
  #xx = 0;
  #yy = 0;
  #xy = 0;

  add(x: number, y: number): void {
    const [meanX, meanY] = this.#mean as [number, number];
    this.#count++;
    const [dx, dy] = [x - meanX, y - meanY];
    this.#mean[0] = meanX + dx / this.#count;
    this.#mean[1] = meanY + dy / this.#count;
    this.#xx += dx * (x - this.#mean[0]);
    this.#yy += dy * (y - this.#mean[1]);
    this.#xy += dx * (y - this.#mean[1]);
  }

  /** Pearson's correlation: 0 where one of them never changes; undefined where neither does. */
  get value(): number | undefined {
    if (this.#xx === 0 && this.#yy === 0) return undefined;
    return this.#xx === 0 || this.#yy === 0 ? 0 : this.#xy / Math.sqrt(this.#xx * this.#yy);
  }

  /**
   * Lin's concordance (1989): the correlation, less where they differ in size or by an offset; undefined where both are
   * always the same number.
   */
  get concordance(): number | undefined {
    const apart = this.#xx + this.#yy + this.#count * (this.#mean[0]! - this.#mean[1]!) ** 2;
    return apart === 0 ? undefined : (2 * this.#xy) / apart;
  }
}
