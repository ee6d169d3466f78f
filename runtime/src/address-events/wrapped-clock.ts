/** Continues microseconds of 32 bits, from 0 to 2³² − 1 or with a sign, over their ends. */
export class WrappedClock {
  #last: number | undefined;

  /** @param near a time from which the first stamp is less than half a round away; absent: the stamp itself */
  constructor(near?: number) {
    this.#last = near;
  }

  /** The time of the newest stamp; undefined before the first one. */
  get last(): number | undefined {
    return this.#last;
  }

  at(stamp: number): number {
    const last = this.#last ?? stamp;
    this.#last = last + ((stamp - last) | 0);
    return this.#last;
  }
}
