import { agreeing, kept, real, whole } from '../kept-numbers.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { shortNumber } from '../printable.ts';
import { endsOf, markEnds } from './evidence.ts';
import { limitChanges } from './limit-changes.ts';
import { monitorKind, watchParameters } from './monitor.ts';
import { Patience } from './patience.ts';
import { UsualLevel } from './usual-level.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 100 },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
  window: { doc: 'readings over which an interval is a mean', form: 'integer', default: 20, minimum: 1 },
} as const satisfies ParameterTable;

/** Intervals over which the usual one is a mean. */
const MEMORY = 1000;
/** The least deviation of its logarithm: a twentieth more or less is no news. */
const LEAST = 0.05;
/** Milliseconds; readings that come in bursts have no intervals. */
const LEAST_INTERVAL = 1;
/** One interval counts as at most so many usual ones: a silence is another monitor's business. */
const LONGEST = 5;

/**
 * Rate: readings come more often or more rarely than usual. Score = distance of the logarithm of the mean interval from
 * where that usually lies, in mean deviations.
 */
export const rate = monitorKind({
  type: 'rate',
  parameters,

  prepare({ window, normalFor }) {
    const usual = new UsualLevel(1, { memory: MEMORY, least: LEAST, normalFor });
    /** [mean interval in milliseconds, intervals it is a mean of] */
    const mean = new Float64Array(2);
    const now = () => Math.log(mean[0]!);
    const patience = new Patience(1);
    const evidence = new Float64Array(2);

    return {
      read({ interval }, { learning, sensitivity, isWarm, isUnusual }) {
        if (Number.isNaN(interval)) return undefined;
        mean[1] = Math.min(mean[1]! + 1, window);
        const longest =
          mean[1] < window || usual.isNew(0) ? Number.POSITIVE_INFINITY : LONGEST * Math.exp(usual.centre(0));
        mean[0]! += (Math.max(LEAST_INTERVAL, Math.min(interval, longest)) - mean[0]!) / mean[1];
        markEnds(evidence, 0, 0, false);
        if (mean[1] < window) return 0;
        const score = usual.score(0, now(), sensitivity);
        markEnds(evidence, 0, now(), score > sensitivity);
        if (learning && patience.teaches(0, isWarm && score > sensitivity) && !isUnusual) usual.learn(0, now());
        return score;
      },
      reason: () =>
        `a reading every ${shortNumber(mean[0]! / 1000)} s, usually every ${shortNumber(Math.exp(usual.centre(0)) / 1000)} s`,
      evidence,
      accept(flagged, { name, sensitivity }) {
        const ends = endsOf(flagged, 0);
        const limit = { of: '', value: () => Math.exp(sensitivity * usual.usual(0)) };
        const accept = () => ends && usual.accept(0, ...ends, sensitivity);
        return limitChanges(name, [limit], accept, ' times the usual interval');
      },
      accepted: usual.accepted,
      state: {
        mean: agreeing(kept(mean, real(0), whole()), 'a mean of intervals', (saved) => {
          const [interval, count] = saved(mean);
          return count === 0 || interval! >= LEAST_INTERVAL;
        }),
        ...patience.state,
        ...usual.state,
      },
    };
  },
});
