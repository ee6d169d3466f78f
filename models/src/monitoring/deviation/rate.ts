import { kept, prefixed, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { markEnds } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { type Attention, monitorKind, watchParameters } from '../monitor/monitor.ts';
import { Patience } from '../monitor/patience.ts';
import { RecentInterval } from '../usual/recent-interval.ts';
import { UsualLevel } from '../usual/usual-level.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 100 },
  sensitivity: { ...watchParameters.sensitivity, default: 6 },
  window: {
    doc: 'readings over which an interval is a mean; where they come faster, so many tenths of a second',
    form: 'integer',
    default: 20,
    minimum: 1,
  },
} as const satisfies ParameterTable;

/** Milliseconds of readings that count as one: within them a busy machine or network decides when readings come. */
const STRETCH = 100;
/** Stretches over which the usual interval is a mean. */
const MEMORY = 1000;
/** The least deviation of its logarithm: a twentieth more or less is no news. */
const LEAST = 0.05;
/** Milliseconds; a replay of what was recorded has no intervals. */
const LEAST_INTERVAL = 1;
/** One stretch counts as at most so many usual ones: a silence is another monitor's business. */
const LONGEST = 5;

/**
 * Rate: readings come more often or more rarely than usual. Score = distance of the logarithm of the mean interval from
 * where that usually lies, in mean deviations.
 */
export const rate = monitorKind({
  type: 'rate',
  title: 'unusual reading rate',
  about: 'how often readings arrive',
  parameters,

  prepare({ window, normalFor, warmUp }) {
    const usual = new UsualLevel(1, { memory: MEMORY, least: LEAST, normalFor });
    const recent = new RecentInterval();
    /** [mean time of a stretch in milliseconds, stretches it is a mean of] */
    const mean = new Float64Array(2);
    /** [mean number of readings of a stretch, milliseconds of the present one so far, its readings, last score] */
    const stretch = Float64Array.of(1, 0, 0, 0);
    /** [stretches that have ended] */
    const ended = new Float64Array(1);
    const now = () => Math.log(Math.max(LEAST_INTERVAL, mean[0]! / stretch[0]!));
    const usualInterval = () => Math.exp(usual.centre(0));
    const patience = new Patience(1);
    const evidence = new Float64Array(2);

    function endStretch(interval: number): void {
      const [, time, readings] = stretch;
      // A long interval is of another kind, perhaps, than the short ones before it.
      const before = interval > STRETCH ? readings! - 1 : 0;
      if (before > 0) recent.add(Math.max(0, time! - interval), before);
      recent.add(before > 0 ? interval : time!, readings! - before);
      const isKnown = mean[1]! >= window && !usual.isNew(0);
      const longest = isKnown ? LONGEST * usualInterval() * stretch[0]! : Number.POSITIVE_INFINITY;
      ended[0] = Math.min(ended[0]! + 1, warmUp);
      mean[1] = Math.min(mean[1]! + 1, window);
      mean[0]! += (Math.min(time!, longest) - mean[0]!) / mean[1];
      stretch[0]! += (readings! - stretch[0]!) / mean[1];
      stretch[1] = stretch[2] = 0;
    }

    function scored({ learning, sensitivity, isWarm, isUnusual }: Attention): number {
      const score = usual.score(0, now(), sensitivity);
      if (learning && patience.teaches(0, isWarm && score > sensitivity) && !isUnusual) usual.learn(0, now());
      return score;
    }

    return {
      read({ interval }, attention) {
        if (Number.isNaN(interval)) return undefined;
        stretch[1]! += interval;
        stretch[2]! += 1;
        const isOver = stretch[1]! >= STRETCH;
        if (!isOver && ended[0]! < warmUp) return undefined;
        if (isOver) endStretch(interval);
        if (mean[1]! < window) return 0;
        if (isOver) stretch[3] = scored(attention);
        markEnds(evidence, 0, now(), stretch[3]! > attention.sensitivity);
        return stretch[3]!;
      },
      reason() {
        const isLonger = now() > usual.centre(0);
        const interval = recent.awayFrom(usualInterval(), isLonger) ?? Math.exp(now());
        return `a reading every ${seconds(interval)}, usually every ${seconds(usualInterval())}`;
      },
      evidence,
      accept(flagged, { name, sensitivity }) {
        const limit = { of: '', value: () => Math.exp(sensitivity * usual.usual(0)) };
        return limitChanges(name, [limit], () => usual.acceptEnds(flagged, sensitivity), ' times the usual interval');
      },
      accepted: usual.accepted,
      get taught() {
        return patience.taught;
      },
      state: {
        mean: kept(mean, real(0), whole()),
        stretch: kept(stretch, real(1), real(0), whole(), real(0, Number.POSITIVE_INFINITY)),
        ended: kept(ended, whole()),
        ...prefixed('recent', recent.state),
        ...patience.state,
        ...usual.state,
      },
    };
  },
});

function seconds(milliseconds: number): string {
  return `${shortNumber(milliseconds / 1000)} s`;
}
