import { flag, kept } from '../../kept-numbers.ts';
import { AcceptedRanges } from '../monitor/accepted-ranges.ts';
import { AGAIN } from '../monitor/called-normal.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { type Attention, type Monitor, type MonitorState, statesByChannel } from '../monitor/monitor.ts';
import { Patience } from '../monitor/patience.ts';
import { HashedTiles } from './hashed-tiles.ts';
import { RisenNovelty, skippedOf } from './risen-novelty.ts';
import { Unrest } from './unrest.ts';

/** What knows how new it is that numbers come as they do: those of one channel, or of several together. */
export interface Novelty {
  /** What it is about: one or several. */
  readonly channels: readonly string[];
  readonly state: MonitorState;
  /** Bytes of arrays beside those of its state; none where absent. */
  readonly workingBytes?: number;
  /** How new the columns of this reading are, 0…1; `tiles` are those of all channels. */
  step(tiles: readonly HashedTiles[], learning: boolean): number;
}

interface NoveltyOptions {
  readonly warmUp: number;
  readonly normalFor: number;
  readonly seed: number;
  /** Columns of the tiles of one channel. */
  readonly columns: number;
  /** Readings of the mean that is compared with what is usual. */
  readonly readings?: number;
  /** Whether more has to be new for a while after unusual readings ({@link Unrest}). */
  readonly lenientAfterFaults?: boolean;
}

/**
 * A monitor of novelty: each channel's numbers as hashed tiles, what is new about them, and whether there is more of it
 * than usual. Score = the most of all novelties; it has no say where there is none.
 *
 * @param why what is flagged, for people, behind the name of the novelty
 */
export function noveltyMonitor(
  channels: number,
  novelties: readonly Novelty[],
  { warmUp, normalFor, seed, columns, readings, lenientAfterFaults = false }: NoveltyOptions,
  why: string,
): Monitor {
  const count = novelties.length;
  const tiles = Array.from({ length: channels }, () => new HashedTiles(columns, warmUp, seed));
  const risen = novelties.map(() => new RisenNovelty(skippedOf(warmUp), readings));
  const accepted = new AcceptedRanges(count, normalFor);
  const evidence = new Float64Array(count);
  const patience = new Patience(count);
  const unrest = lenientAfterFaults ? new Unrest() : undefined;
  /** 1 where the last reading was such that the next one teaches: its own score is known only after it has. */
  const teaches = new Float64Array(count).fill(1);
  let newest = 0;

  function scoreOf(k: number, { learning, sensitivity, isWarm, isUnusual }: Attention): number {
    const own = risen[k]!;
    const learns = learning && teaches[k] === 1 && !isUnusual;
    const above = own.take(novelties[k]!.step(tiles, learning), learns);
    const score = accepted.judged(k, Math.max(0, above / (unrest?.times ?? 1)), own.short, sensitivity);
    evidence[k] = score > sensitivity ? own.short : NOTHING;
    if (learning) teaches[k] = patience.teaches(k, isWarm && above > sensitivity) ? 1 : 0;
    return score;
  }

  return {
    read({ sample }, attention) {
      if (sample === undefined || count === 0) return undefined;
      unrest?.take(attention.isUnusual);
      for (let c = 0; c < channels; c++) tiles[c]!.encode(sample[c]!);
      let most = 0;
      for (let k = 0; k < count; k++) {
        const score = scoreOf(k, attention);
        if (score > most) [most, newest] = [score, k];
      }
      return most;
    },
    moved({ low, rise }) {
      for (const [c, own] of tiles.entries()) if (!Number.isNaN(low[c]!)) own.shift(rise[c]!);
    },
    flaggedChannels: () => novelties[newest]!.channels,
    reason: () => `${nameOf(novelties[newest]!)} ${why}`,
    evidence,
    workingBytes: novelties.reduce((sum, novelty) => sum + (novelty.workingBytes ?? 0), 0),
    accept(shares, { name, sensitivity }) {
      const limits = novelties.map((novelty, k) => ({
        of: nameOf(novelty),
        value: () => 100 * Math.max(risen[k]!.limit(sensitivity), accepted.rangeOf(k)?.[1] ?? 0),
      }));
      const accept = () => {
        for (const [k, share] of shares.entries()) if (share > 0) accepted.accept(k, 0, AGAIN * share);
      };
      return limitChanges(name, limits, accept, ' % of what is new');
    },
    accepted,
    get taught() {
      return patience.taught;
    },
    state: {
      ...accepted.state,
      ...patience.state,
      teaches: kept(teaches, flag),
      ...(unrest && { unrest: unrest.kept }),
      ...statesByChannel(tiles.map(({ state }) => state)),
      ...statesByChannel(novelties.map(({ state }, k) => ({ ...state, risen: risen[k]!.kept }))),
    },
  };
}

function nameOf({ channels }: Novelty): string {
  return channels.join(' and ');
}
