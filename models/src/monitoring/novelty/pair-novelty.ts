import { anything, type KeptState, kept } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { mixed, TILINGS } from './hashed-tiles.ts';
import { noveltyMonitor } from './novelty-monitor.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 4 },
  seed: { doc: 'of the hashes', form: 'integer', default: 1, minimum: 0, maximum: 0xffff },
} as const satisfies ParameterTable;

const PAIRS = 2048;
/** Columns of the tiles: so many that hardly two tiles share one. */
const COLUMNS = 65_536;

/**
 * Pair novelty: steps from one number to the next that have not come for long. Score = max over channels of the risen
 * novelty of such steps.
 */
export const pairNovelty = monitorKind({
  type: 'pair-novelty',
  title: 'rare change',
  about: 'whether a value changes to another value, and this change has not occurred for a long time',
  parameters,
  channelBytes: 10_240,

  prepare: (options, { channels }) =>
    noveltyMonitor(
      channels.length,
      channels.map((of, channel) => {
        const pairs = new RecentPairs(options.seed);
        return {
          channels: [of],
          state: pairs.state,
          step: (tiles, learning) => pairs.step(tiles[channel]!.columns, learning),
        };
      }),
      { ...options, columns: COLUMNS, lenientAfterFaults: true },
      'makes steps that it has not made for long',
    ),
});

/** Readings after which a pair that was known is half new again. */
const HALF_NEW = 3000;

/**
 * Which columns followed which, and how long ago: each tiling's pair of successive columns, hashed to a slot of a small
 * table. A pair habituates when it comes and recovers while it does not.
 */
class RecentPairs {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Uint32Array | Uint16Array>;
  /** By pair, the step in which it came last; 0: never. */
  readonly #last = new Uint32Array(PAIRS);
  readonly #before = new Uint16Array(TILINGS);
  readonly #steps = new Uint32Array(1);
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.state = {
      last: kept(this.#last, anything),
      before: kept(this.#before, anything),
      steps: kept(this.#steps, anything),
    };
  }

  /** How new the step from the columns before to these is, 0…1; 0 for the first. */
  step(columns: Uint16Array, learning: boolean): number {
    const now = this.#steps[0]!;
    let novelty = 0;
    for (let tiling = 0; now > 0 && tiling < TILINGS; tiling++) {
      const pair = mixed(this.#before[tiling]!, columns[tiling]!, TILINGS * this.#seed + tiling) % PAIRS;
      const last = this.#last[pair]!;
      // A count of steps begins anew after 2^32 of them.
      novelty += last === 0 || last > now ? 1 : (now - last) / (now - last + HALF_NEW);
      if (learning) this.#last[pair] = now;
    }
    this.#before.set(columns);
    this.#steps[0] = now + 1;
    return novelty / TILINGS;
  }
}
