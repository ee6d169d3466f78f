import { type KeptState, kept, real, unknownOr, whole } from '../../kept-numbers.ts';

/** Readings after a new level for which the one before is usual too: most come back. */
const MAY_COME_BACK = 5000;

/** Where each channel lay before it came to a new level, for as long as it may come back from there. */
export class LevelBefore {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  readonly #before: Float64Array;
  readonly #left: Float64Array;

  constructor(channels: number) {
    this.#before = new Float64Array(channels).fill(Number.NaN);
    this.#left = new Float64Array(channels);
    this.state = {
      before: kept(this.#before, unknownOr(real())),
      left: kept(this.#left, whole(0, MAY_COME_BACK)),
    };
  }

  /** The channel comes to a new level, after `level`. */
  leave(channel: number, level: number): void {
    if (this.#left[channel] === 0) this.#before[channel] = level;
    this.#left[channel] = MAY_COME_BACK;
  }

  /** A reading has passed. */
  pass(channel: number): void {
    this.#left[channel] = Math.max(0, this.#left[channel]! - 1);
  }

  /** The channel is where it was: there is no level before any more. */
  comeBack(channel: number): void {
    this.#left[channel] = 0;
  }

  /** The distance of a number from the level before; Infinity where no level came before. */
  distance(channel: number, number: number): number {
    return this.#left[channel] === 0 ? Number.POSITIVE_INFINITY : number - this.#before[channel]!;
  }
}
