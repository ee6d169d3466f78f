import type { ParameterTable } from '../parameters/declaration.ts';
import { AcceptedRanges } from './accepted-ranges.ts';
import { AGAIN } from './called-normal.ts';
import { NOTHING } from './evidence.ts';
import { limitChanges } from './limit-changes.ts';
import { monitorKind, statesByChannel, watchParameters } from './monitor.ts';
import { HashedTiles } from './novelty/hashed-tiles.ts';
import { JointVisits } from './novelty/joint-visits.ts';
import { RisenNovelty, skippedOf } from './novelty/risen-novelty.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 5 },
  seed: { doc: 'of the hashes', form: 'integer', default: 1, minimum: 0, maximum: 0xffff },
} as const satisfies ParameterTable;

/** Columns of the tiles: so many that hardly two tiles share one. */
const COLUMNS = 65_536;

/** Readings of the mean: a relation that has changed stays so, and one that is rare passes. */
const LASTING = 20;

/**
 * Relation: two channels that show together what they have not shown together for long, though each alone is as usual.
 * Score = max over pairs of neighbouring channels of the risen novelty of what they show. Of one channel it says
 * nothing.
 */
export const relation = monitorKind({
  type: 'relation',
  about: 'whether two numbers go together as they did',
  parameters,
  channelBytes: 11_264,

  prepare({ warmUp, normalFor, seed }, { channels }) {
    const { length } = channels;
    const tiles = channels.map(() => new HashedTiles(COLUMNS, warmUp, seed));
    const pairs = Array.from({ length: pairsOf(length) }, (_, k) => ({
      name: `${channels[k]} with ${channels[(k + 1) % length]}`,
      known: new JointVisits(seed),
      risen: new RisenNovelty(skippedOf(warmUp), LASTING),
    }));
    const accepted = new AcceptedRanges(pairs.length, normalFor);
    const evidence = new Float64Array(pairs.length);
    let worst = 0;
    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined || pairs.length === 0) return undefined;
        for (let c = 0; c < length; c++) tiles[c]!.encode(sample[c]!);
        let score = 0;
        for (let k = 0; k < pairs.length; k++) {
          const { known, risen } = pairs[k]!;
          const novelty = known.take(tiles[k]!.columns, tiles[(k + 1) % length]!.columns, learning);
          const own = accepted.judged(k, Math.max(0, risen.take(novelty, learning)), risen.short, sensitivity);
          evidence[k] = own > sensitivity ? risen.short : NOTHING;
          if (own > score) worst = k;
          score = Math.max(score, own);
        }
        return score;
      },
      moved({ low, rise }) {
        for (const [c, own] of tiles.entries()) if (!Number.isNaN(low[c]!)) own.shift(rise[c]!);
      },
      reason: () => `${pairs[worst]!.name} shows what the two have not shown together for long`,
      evidence,
      accept(shares, { name, sensitivity }) {
        const limits = pairs.map(({ name: of, risen }, k) => ({
          of,
          value: () => 100 * Math.max(risen.limit(sensitivity), accepted.rangeOf(k)?.[1] ?? 0),
        }));
        const accept = () => {
          for (const [k, share] of shares.entries()) if (share > 0) accepted.accept(k, 0, AGAIN * share);
        };
        return limitChanges(name, limits, accept, ' % of what is new');
      },
      accepted,
      state: {
        ...accepted.state,
        ...statesByChannel(
          tiles.map((own, k) => ({
            ...own.state,
            ...(k < pairs.length && { ...pairs[k]!.known.state, risen: pairs[k]!.risen.kept }),
          })),
        ),
      },
    };
  },
});

/** Each channel with the next one, around: of two there is one pair. */
function pairsOf(channels: number): number {
  return channels > 2 ? channels : channels - 1;
}
