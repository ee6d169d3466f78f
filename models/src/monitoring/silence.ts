import type { ParameterTable } from '../parameters/declaration.ts';
import { shortNumber } from '../printable.ts';
import { monitorKind, watchParameters } from './monitor.ts';
import { UsualSizes, usualQuantile } from './usual-sizes.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 20 },
  quantile: { ...usualQuantile, doc: 'the usual interval is this running quantile of those between readings' },
  sensitivity: { ...watchParameters.sensitivity, default: 3 },
  // The reading that ends a silence tells of it a second time.
  holdOff: { ...watchParameters.holdOff, default: 1 },
} as const satisfies ParameterTable;

/** Milliseconds: readings come in bursts, and the clock that notices their absence does not tick faster. */
const LEAST_INTERVAL = 1;

/**
 * Silence: no reading for longer than usual. Score = time since the last reading over the usual interval, at every tick
 * of the clock, and once more with the reading that ends it.
 *
 * An interval counts as at most `sensitivity` usual ones, so that one outage does not become the usual, and a slower
 * sensor does within a few readings.
 */
export const silence = monitorKind({
  type: 'silence',
  parameters,
  ticks: true,

  prepare({ quantile, normalFor }) {
    const usual = new UsualSizes(1, { quantile, least: LEAST_INTERVAL, normalFor });
    /** [milliseconds that gave the last score] */
    const last = new Float64Array(1);
    return {
      read({ interval }, { learning, sensitivity }) {
        if (Number.isNaN(interval)) return undefined;
        last[0] = interval;
        const found = usual.score(0, interval, sensitivity);
        if (learning) usual.learn(0, found > sensitivity ? sensitivity * usual.at(0) : interval);
        return found;
      },
      tick(elapsed) {
        last[0] = elapsed;
        return elapsed / usual.at(0);
      },
      reason: () =>
        `no reading for ${shortNumber(last[0]! / 1000)} s, usually for ${shortNumber(usual.at(0) / 1000)} s at most`,
      // Twice as long, because it is still going on.
      accept: (sensitivity) => usual.accept(0, 2 * last[0]!, sensitivity),
      state: { last, ...usual.state },
    };
  },
});
