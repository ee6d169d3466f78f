import type { ParameterTable } from '../parameters/declaration.ts';
import { shortNumber } from '../printable.ts';
import { monitorKind, watchParameters } from './monitor.ts';
import { UsualLevel } from './usual-level.ts';
import { UsualPeaks } from './usual-peaks.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 2000 },
  sensitivity: { ...watchParameters.sensitivity, default: 2 },
  memory: { doc: 'readings over which the usual level is a mean', form: 'integer', default: 5000, minimum: 10 },
  allowance: { doc: 'mean deviations that are no drift', form: 'number', default: 1, minimum: 0 },
} as const satisfies ParameterTable;

/** Readings whose largest sum is a peak. */
const BLOCK = 1000;
/** The least usual peak of a sum, in mean deviations: what noise makes of it. */
const LEAST_SUM = 10;
/** A reading counts as at most so many mean deviations. */
const FARTHEST = 10;
/** How far a sum may go beyond what is flagged, so that it comes back. */
const BEYOND = 1.5;
/** The level is known after this share of its memory, as a divisor. */
const BEGINNING = 20;

/**
 * Drift: a slow CUSUM (Page 1954) of how far a channel lies from its usual level, in mean deviations less the allowance,
 * upwards and downwards. Score = the larger sum over how large it becomes at most, as a rule.
 */
export const drift = monitorKind({
  type: 'drift',
  parameters,
  channelBytes: 512,

  prepare({ memory, allowance, normalFor, warmUp }, { channels }) {
    const { length } = channels;
    const level = new UsualLevel(length, { memory, least: Number.MIN_VALUE, normalFor });
    const usual = new UsualPeaks(length, { block: BLOCK, least: LEAST_SUM, normalFor });
    const up = new Float64Array(length);
    const down = new Float64Array(length);
    /** [readings taken] */
    const taken = new Float64Array(1);
    let worst = 0;

    const sum = (c: number) => Math.max(up[c]!, down[c]!);

    function add(c: number, value: number, most: number): void {
      const distance = (value - level.centre(c)) / level.deviation(c);
      const z = Number.isNaN(distance) ? 0 : Math.max(-FARTHEST, Math.min(FARTHEST, distance));
      up[c] = Math.min(most, Math.max(0, up[c]! + z - allowance));
      down[c] = Math.min(most, Math.max(0, down[c]! - z - allowance));
    }

    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined) return undefined;
        taken[0]! += 1;
        const isFirst = taken[0]! <= warmUp;
        let score = 0;
        for (let c = 0; c < length; c++) {
          const most = isFirst ? Number.POSITIVE_INFINITY : BEYOND * sensitivity * usual.at(c) + FARTHEST;
          if (taken[0]! > memory / BEGINNING) add(c, sample[c]!, most);
          const own = usual.score(c, sum(c), sensitivity);
          if (own > score) worst = c;
          score = Math.max(score, own);
          if (!learning) continue;
          level.learn(c, sample[c]!);
          usual.learn(c, sum(c), isFirst);
        }
        return score;
      },
      moved({ low, high }) {
        for (let c = 0; c < length; c++) {
          if (Number.isNaN(low[c]!)) continue;
          level.moveTo(c, low[c]! / 2 + high[c]! / 2);
          up[c] = down[c] = 0;
        }
      },
      reason() {
        const direction = up[worst]! > down[worst]! ? 'up' : 'down';
        return `${channels[worst]} has drifted ${direction} from ${shortNumber(level.centre(worst))}`;
      },
      accept: (sensitivity) => {
        for (let c = 0; c < length; c++) usual.accept(c, sum(c), sensitivity);
      },
      state: { up, down, readings: taken, ...prefixed('level', level.state), ...prefixed('sum', usual.state) },
    };
  },
});

function prefixed<Value>(prefix: string, state: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(state).map(([name, view]) => [`${prefix}.${name}`, view]));
}
