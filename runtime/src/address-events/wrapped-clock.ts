/** Continues microseconds of 32 bits, from 0 to 2³² − 1 or with a sign, over their ends. */
export class WrappedClock {
  #last: number | undefined;

  at(stamp: number): number {
    const last = this.#last ?? stamp;
    this.#last = last + ((stamp - last) | 0);
    return this.#last;
  }
}
