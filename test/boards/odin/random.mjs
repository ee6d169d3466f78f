/** Marsaglia's xorshift of 32 bits: a generator of the twin's own, which shares nothing with the driver. */
export class Xorshift {
  constructor(seed) {
    this.state = (seed * 2654435761) >>> 0 || 1;
    for (let k = 0; k < 8; k++) this.next(2);
  }

  /** A whole number below `end`. */
  next(end) {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return Math.floor((this.state / 2 ** 32) * end);
  }
}
