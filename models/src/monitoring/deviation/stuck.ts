import { kept, real, unknownOr, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { roomOf } from '../monitor/called-normal.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { Patience } from '../monitor/patience.ts';
import { UsualSizes, usualQuantile } from '../usual/usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 100 },
  quantile: {
    ...usualQuantile,
    doc: 'the usual run is this running quantile of how many readings in a row are the same',
  },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
  whileFlagged: { ...watchParameters.whileFlagged, default: 'freeze' },
} as const satisfies ParameterTable;

/** The least usual run: two equal numbers may come by chance. */
const LEAST_RUN = 3;
/** Runs before it is known that a channel changes. */
const LEAST_RUNS = 20;

/**
 * Stuck: the very same number for longer than usual, where there always was some change. Score = readings in a row that
 * are the same over the usual run, of the channel where that is the most. A channel that rarely changes has no say.
 */
export const stuck = monitorKind({
  type: 'stuck',
  title: 'stuck value',
  about: 'how long a sensor repeats exactly the same value',
  parameters,
  channelBytes: 1664,

  prepare({ quantile, normalFor }, { channels }) {
    const { length } = channels;
    const usual = new UsualSizes(length, { quantile, least: LEAST_RUN, normalFor });
    const last = new Float64Array(length).fill(Number.NaN);
    const run = new Float64Array(length);
    const runs = new Float64Array(length);
    const patience = new Patience(length);
    const evidence = new Float64Array(length);
    let worst = 0;

    return {
      read({ sample }, { learning, sensitivity, isWarm, isUnusual }) {
        if (sample === undefined) return undefined;
        let score = 0;
        for (let c = 0; c < length; c++) {
          const isSame = sample[c] === last[c];
          if (!isSame && run[c]! > 0 && learning) {
            const isKnown = runs[c]! >= LEAST_RUNS;
            const isLong = run[c]! > sensitivity * usual.learned(c);
            const isFlagged = isWarm && isKnown && isLong;
            if (patience.teaches(c, isFlagged) && !isUnusual)
              usual.learn(c, run[c]!, isKnown ? sensitivity : undefined);
            runs[c]! += 1;
          }
          run[c] = isSame ? run[c]! + 1 : 1;
          last[c] = sample[c]!;
          const own = runs[c]! < LEAST_RUNS ? 0 : usual.score(c, run[c]!, sensitivity);
          if (own > score) worst = c;
          score = Math.max(score, own);
          evidence[c] = own > sensitivity ? run[c]! : NOTHING;
        }
        return score;
      },
      flaggedChannels: () => [channels[worst]!],
      reason: () =>
        `${channels[worst]} has been ${last[worst]} for ${run[worst]} readings, ` +
        `usually for ${Math.round(usual.at(worst))} at most`,
      evidence,
      accept(lengths, { name, sensitivity, isOver }) {
        const named = channels.map((of, c) => ({ of, value: () => Math.floor(sensitivity * usual.at(c)) }));
        const accept = () => {
          for (let c = 0; c < length; c++) usual.accept(c, lengths[c]!, sensitivity, roomOf(isOver));
        };
        return limitChanges(name, named, accept, ' readings');
      },
      accepted: usual.accepted,
      get taught() {
        return patience.taught;
      },
      state: {
        last: kept(last, unknownOr(real())),
        run: kept(run, whole()),
        runs: kept(runs, whole()),
        ...patience.state,
        ...usual.state,
      },
    };
  },
});
