import { flag, kept } from '../../kept-numbers.ts';
import { AcceptedRanges } from '../accepted-ranges.ts';
import { AGAIN } from '../called-normal.ts';
import { NOTHING } from '../evidence.ts';
import { limitChanges } from '../limit-changes.ts';
import { type Monitor, type MonitorState, statesByChannel } from '../monitor.ts';
import { Patience } from '../patience.ts';
import { HashedTiles } from './hashed-tiles.ts';
import { RisenNovelty, skippedOf } from './risen-novelty.ts';

/** What knows how new it is that some columns follow those before. */
export interface Novelty {
  readonly state: MonitorState;
  /** The columns of this reading; how new that is, 0…1. */
  step(columns: Uint16Array, learning: boolean): number;
}

interface NoveltyOptions {
  readonly warmUp: number;
  readonly normalFor: number;
  readonly seed: number;
}

/**
 * A monitor of novelty: each channel's numbers as hashed tiles, what is new about them, and whether there is more of it
 * than usual. Score = the most of all channels.
 *
 * @param columns of the tiles of one channel
 * @param why what a channel does, for people
 */
export function noveltyMonitor(
  names: readonly string[],
  columns: number,
  { warmUp, normalFor, seed }: NoveltyOptions,
  why: string,
  noveltyOf: (channel: number) => Novelty,
): Monitor {
  const channels = names.map((name, channel) => ({
    name,
    tiles: new HashedTiles(columns, warmUp, seed),
    novelty: noveltyOf(channel),
    risen: new RisenNovelty(skippedOf(warmUp)),
  }));
  const accepted = new AcceptedRanges(names.length, normalFor);
  const evidence = new Float64Array(names.length);
  const patience = new Patience(names.length);
  /** 1 where the last reading was such that the next one teaches: its own score is known only after it has. */
  const teaches = new Float64Array(names.length).fill(1);
  let newest = '';
  return {
    read({ sample }, { learning, sensitivity, isWarm, isUnusual }) {
      if (sample === undefined) return undefined;
      let score = Number.NEGATIVE_INFINITY;
      for (let channel = 0; channel < channels.length; channel++) {
        const { name, tiles, novelty, risen } = channels[channel]!;
        tiles.encode(sample[channel]!);
        const learns = learning && teaches[channel] === 1 && !isUnusual;
        const above = risen.take(novelty.step(tiles.columns, learning), learns);
        const own = accepted.judged(channel, Math.max(0, above), risen.short, sensitivity);
        evidence[channel] = own > sensitivity ? risen.short : NOTHING;
        if (learning) teaches[channel] = patience.teaches(channel, isWarm && above > sensitivity) ? 1 : 0;
        if (own <= score) continue;
        score = own;
        newest = name;
      }
      return Math.max(0, score);
    },
    moved({ low, rise }) {
      for (const [k, { tiles }] of channels.entries()) if (!Number.isNaN(low[k]!)) tiles.shift(rise[k]!);
    },
    reason: () => `${newest} ${why}`,
    evidence,
    accept(shares, { name, sensitivity }) {
      const limits = channels.map(({ name: of, risen }, c) => ({
        of,
        value: () => 100 * Math.max(risen.limit(sensitivity), accepted.rangeOf(c)?.[1] ?? 0),
      }));
      return limitChanges(
        name,
        limits,
        () => {
          for (const [c, share] of shares.entries()) if (share > 0) accepted.accept(c, 0, AGAIN * share);
        },
        ' % of what is new',
      );
    },
    accepted,
    state: {
      ...accepted.state,
      ...patience.state,
      teaches: kept(teaches, flag),
      ...statesByChannel(
        channels.map(({ tiles, novelty, risen }) => ({ ...tiles.state, ...novelty.state, risen: risen.kept })),
      ),
    },
  };
}
