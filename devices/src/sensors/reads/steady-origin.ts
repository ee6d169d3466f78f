/** Milliseconds by which two clocks may come to differ. */
const TOLERATED = 1000;

/**
 * When a clock that nobody sets was at 0, in milliseconds since 1970. It stays as it is, so that times do not tremble,
 * until it is wrong by more than a second: the clock of the machine was set (a Raspberry Pi does so a while after its
 * start), or that of a sensor goes too fast.
 */
export class SteadyOrigin {
  #origin = Number.NaN;

  /** @param seconds what the clock shows now */
  at(seconds: number, now = Date.now()): number {
    const origin = now - 1000 * seconds;
    if (!(Math.abs(origin - this.#origin) <= TOLERATED)) this.#origin = origin;
    return this.#origin;
  }
}
