import { anything, type KeptState, kept, whole } from '../../kept-numbers.ts';
import { mixed, TILINGS } from './hashed-tiles.ts';

const PAIRS = 2048;
/** Visits after which a pair is known. */
const VISITS = 3;
/** Readings after which a pair that was known is half new again. */
const HALF_NEW = 3000;

/**
 * Which columns of two numbers came together, how often, and how long ago: each tiling's pair of columns, hashed to a
 * slot of a small table. A pair becomes known when both come to it again and again, not by their staying there, and
 * recovers while they do not.
 */
export class JointVisits {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Uint32Array | Uint8Array>;
  /** By pair: the reading in which it came last, and its visits. */
  readonly #last = new Uint32Array(PAIRS);
  readonly #visits = new Uint8Array(PAIRS);
  readonly #readings = Uint32Array.of(1);
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.state = {
      last: kept(this.#last, anything),
      visits: kept(this.#visits, whole(0, VISITS)),
      readings: kept(this.#readings, anything),
    };
  }

  /** How new it is that these columns come together, 0…1. */
  take(left: Uint16Array, right: Uint16Array, learning: boolean): number {
    const now = this.#readings[0]!;
    let novelty = 0;
    for (let tiling = 0; tiling < TILINGS; tiling++) {
      const pair = mixed(left[tiling]!, right[tiling]!, TILINGS * this.#seed + tiling) % PAIRS;
      // A count of readings begins anew after 2^32 of them.
      const age = Math.max(0, now - this.#last[pair]!);
      const known = Math.min(1, this.#visits[pair]! / VISITS);
      novelty += 1 - (known * HALF_NEW) / (HALF_NEW + age);
      if (!learning) continue;
      if (age > HALF_NEW) this.#visits[pair] = 1;
      else if (age > 1) this.#visits[pair] = Math.min(VISITS, this.#visits[pair]! + 1);
      this.#last[pair] = now;
    }
    this.#readings[0] = now + 1;
    return novelty / TILINGS;
  }
}
