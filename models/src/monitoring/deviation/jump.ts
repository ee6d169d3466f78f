import { held } from '../../held.ts';
import { kept, real, unknownOr } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { Patience } from '../monitor/patience.ts';
import { UsualSizes, usualQuantile } from '../usual/usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 10 },
  quantile: { ...usualQuantile, doc: 'the usual change is this running quantile of those that are any' },
} as const satisfies ParameterTable;

/** Changes before it is known how large they usually are. */
const LEAST_CHANGES = 20;

/**
 * Jump: a change from one reading to the next that is larger than usual. Score = the change over the usual one, of the
 * channel where that is the most. It sees what a net misses that predicts a stream badly.
 */
export const jump = monitorKind({
  type: 'jump',
  title: 'sudden jump',
  about: 'how much a number changes from one reading to the next',
  parameters,
  channelBytes: 1664,

  prepare({ quantile, normalFor }, { channels }) {
    const { length } = channels;
    const usual = new UsualSizes(length, { quantile, least: Number.MIN_VALUE, normalFor });
    const last = new Float64Array(length).fill(Number.NaN);
    const changes = new Float64Array(length);
    const patience = new Patience(length);
    const evidence = new Float64Array(length);
    let worst = 0;

    return {
      read({ sample }, { learning, sensitivity, isWarm, isUnusual }) {
        if (sample === undefined) return undefined;
        let score = 0;
        for (let c = 0; c < length; c++) {
          const before = Number.isNaN(last[c]!) ? sample[c]! : last[c]!;
          changes[c] = held(Math.abs(sample[c]! - before));
          last[c] = sample[c]!;
          const isKnown = usual.count(c) >= LEAST_CHANGES;
          const own = isKnown ? usual.score(c, changes[c]!, sensitivity) : 0;
          if (own > score) worst = c;
          score = Math.max(score, own);
          evidence[c] = own > sensitivity ? changes[c]! : NOTHING;
          if (learning && changes[c]! > 0 && patience.teaches(c, isWarm && own > sensitivity) && !isUnusual)
            usual.learn(c, changes[c]!, isKnown ? sensitivity : undefined);
        }
        return score;
      },
      flaggedChannels: () => [channels[worst]!],
      reason: () =>
        `${channels[worst]} changes by ${shortNumber(changes[worst]!)}, ` +
        `usually by ${shortNumber(usual.at(worst))} at most`,
      evidence,
      leavesOutRare: true,
      accept(sizes, { name, sensitivity }) {
        const named = channels.map((of, c) => ({ of, value: () => sensitivity * usual.at(c) }));
        return limitChanges(name, named, () => {
          for (let c = 0; c < length; c++) usual.accept(c, sizes[c]!, sensitivity);
        });
      },
      accepted: usual.accepted,
      get taught() {
        return patience.taught;
      },
      state: {
        last: kept(last, unknownOr(real())),
        changes: kept(changes, real(0)),
        ...patience.state,
        ...usual.state,
      },
    };
  },
});
