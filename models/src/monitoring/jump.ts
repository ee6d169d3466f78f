import type { ParameterTable } from '../parameters/declaration.ts';
import { shortNumber } from '../printable.ts';
import { monitorKind, watchParameters } from './monitor.ts';
import { UsualSizes } from './usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 10 },
  quantile: {
    doc: 'the usual change is this running quantile of those that are any',
    form: 'number',
    default: 0.99,
    above: 0,
    below: 1,
  },
} as const satisfies ParameterTable;

/** Changes before it is known how large they usually are. */
const LEAST_CHANGES = 20;
/** So that no sum of changes is infinite. */
const FARTHEST = 1e300;

/**
 * Jump: a change from one reading to the next that is larger than usual. Score = the change over the usual one, of the
 * channel where that is the most. It sees what a net misses that predicts a stream badly.
 */
export const jump = monitorKind({
  type: 'jump',
  parameters,
  channelBytes: 1536,

  prepare({ quantile, normalFor }, { channels }) {
    const { length } = channels;
    const usual = new UsualSizes(length, { quantile, least: Number.MIN_VALUE, normalFor });
    const last = new Float64Array(length).fill(Number.NaN);
    const changes = new Float64Array(length);
    const seen = new Float64Array(length);
    let worst = 0;

    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined) return undefined;
        let score = 0;
        for (let c = 0; c < length; c++) {
          const before = Number.isNaN(last[c]!) ? sample[c]! : last[c]!;
          changes[c] = Math.min(FARTHEST, Math.abs(sample[c]! - before));
          last[c] = sample[c]!;
          const own = seen[c]! < LEAST_CHANGES ? 0 : usual.score(c, changes[c]!, sensitivity);
          if (own > score) worst = c;
          score = Math.max(score, own);
          if (!learning || changes[c] === 0) continue;
          // A fault does not become the usual.
          const most = seen[c]! < LEAST_CHANGES ? changes[c]! : sensitivity * usual.learned(c);
          usual.learn(c, Math.min(changes[c]!, most));
          seen[c]! += 1;
        }
        return score;
      },
      reason: () =>
        `${channels[worst]} changes by ${shortNumber(changes[worst]!)}, usually by ${shortNumber(usual.at(worst))} at most`,
      accept: (sensitivity) => {
        for (let c = 0; c < length; c++) usual.accept(c, changes[c]!, sensitivity);
      },
      state: { last, changes, seen, ...usual.state },
    };
  },
});
