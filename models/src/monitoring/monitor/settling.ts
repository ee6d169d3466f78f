import { flag, type KeptNumbers, kept, whole } from '../../kept-numbers.ts';
import type { UnusualTeaching } from './limit-reason.ts';

/** Unusual readings beyond ordinary ones after which what they have taught stays. */
const PATIENCE = 1000;

/**
 * What unusual readings teach for the time being. There are two copies of what is usual: `current` learns everything,
 * so that it does not flag for long what it does not know; `settled` learns what it does not find unusual itself. When
 * ordinary readings have made up for the unusual ones, `current` is `settled` again, and so has forgotten them. Only
 * where the unusual ones go on are they settled too. A new level that was adopted is one of `current` at first as well:
 * a channel that comes back from it is where it was.
 */
export class Settling {
  /** [unusual readings less ordinary ones, 1 once there are two copies: states of before have one] */
  readonly #state = new Float64Array(2);
  readonly #current: Float64Array;
  readonly #settled: Float64Array;

  /** The numbers of two copies, as views. */
  constructor(current: Float64Array, settled: Float64Array) {
    this.#current = current;
    this.#settled = settled;
  }

  /** The state, as it is saved; the two copies are saved beside it. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.#state, whole(0, PATIENCE), flag);
  }

  /** Unusual readings beyond ordinary ones, which have taught `current` alone. */
  get unusual(): number {
    return this.#state[0]!;
  }

  /** To be called before `settled` is asked. */
  begin(): void {
    if (this.#state[1] === 0) this.#settled.set(this.#current);
    this.#state[1] = 1;
  }

  /** Takes up whether `settled` finds a reading unusual; to be called after both have learned from it. */
  end(isUnusual: boolean): void {
    const surplus = this.#state[0]! + (isUnusual ? 1 : -1);
    this.#state[0] = Math.max(0, surplus % PATIENCE);
    if (surplus === 0) this.#current.set(this.#settled);
    if (surplus === PATIENCE) this.#settled.set(this.#current);
  }
}

/** What unusual readings have taught for the time being, the most of several; undefined where none has. */
export function taughtForNow(settlings: readonly Settling[]): UnusualTeaching | undefined {
  const readings = Math.max(0, ...settlings.map(({ unusual }) => unusual));
  return readings > 0 ? { readings, isForNow: true } : undefined;
}
