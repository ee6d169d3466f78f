import { type KeptNumbers, kept, whole } from '../../kept-numbers.ts';

/** Ordinary readings that make up for an unusual one, and for all of them at most. */
const [EACH, MOST] = [5, 1500];
/** How many times as much has to be unusual, beyond once, at most. */
const MORE = 0.5;

/**
 * Raises a limit after unusual readings: a machine that comes back from a fault is not at once as it was, and a monitor
 * has forgotten some of what was usual during a long fault. Each ordinary reading lowers the limit again, until it is
 * what it was.
 */
export class Unrest {
  /** [ordinary readings until it is over] */
  readonly #left = new Float64Array(1);

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.#left, whole(0, MOST));
  }

  /** A reading came after one that was unusual, or was not. */
  take(isUnusual: boolean): void {
    this.#left[0] = Math.max(0, Math.min(MOST, this.#left[0]! + (isUnusual ? EACH : -1)));
  }

  /** How many times as much has to be unusual, 1…1.5. */
  get times(): number {
    return 1 + (MORE * this.#left[0]!) / MOST;
  }
}
