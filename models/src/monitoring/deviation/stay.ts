import { kept, prefixed, real, whole } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { CalledNormal, roomOf } from '../monitor/called-normal.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, statesByChannel, watchParameters } from '../monitor/monitor.ts';
import { RepeatedLongest } from '../usual/repeated-longest.ts';
import { UsualLevel } from '../usual/usual-level.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 2000 },
  sensitivity: { ...watchParameters.sensitivity, default: 4 },
  memory: {
    doc: 'the usual stay is the longest that has come three times within so many',
    form: 'integer',
    default: 1000,
    minimum: 10,
    maximum: 1_000_000_000,
  },
} as const satisfies ParameterTable;

/** What is no wider than so many mean deviations is one place. */
const PLACE = 0.8;
/** Readings over which a deviation is a mean. */
const LEVEL = 5000;
/** A stay is not too long before so many times its readings have come. */
const EXPERIENCE = 8;
/** The least usual stay, in readings: a few come by chance. */
const LEAST_STAY = 10;

/**
 * Stay: a channel that goes to and fro stays in one place for longer than usual, whatever it does there; it
 * finds a machine that hangs in one of its states. Score = readings in one place over the usual stay, of the channel
 * where that is the most.
 */
export const stay = monitorKind({
  type: 'stay',
  title: 'long stay',
  about: 'how long a value stays in one narrow range',
  parameters,
  channelBytes: 512,

  prepare({ memory, normalFor }, { channels }) {
    const { length } = channels;
    const level = new UsualLevel(length, { memory: LEVEL, least: Number.MIN_VALUE, normalFor });
    const longest = channels.map(() => new RepeatedLongest(memory));
    const normal = new CalledNormal(length, normalFor);
    const [low, high, run] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
    /** [readings taken] */
    const taken = new Float64Array(1);
    const evidence = new Float64Array(length);
    let worst = 0;

    const learned = (c: number) => Math.max(LEAST_STAY, longest[c]!.value || 0);
    const isKnown = (c: number) => longest[c]!.value > 0 && taken[0]! >= EXPERIENCE * run[c]!;

    /** How long the stay that ends here was; 0 where none ends. */
    function take(c: number, x: number): number {
      const [lower, higher] = [Math.min(low[c]!, x), Math.max(high[c]!, x)];
      if (run[c]! > 0 && higher - lower <= PLACE * level.deviation(c)) {
        [low[c], high[c]] = [lower, higher];
        run[c]! += 1;
        return 0;
      }
      const ended = run[c]!;
      [low[c], high[c], run[c]] = [x, x, 1];
      return ended;
    }

    return {
      read({ sample }, { learning, sensitivity }) {
        if (sample === undefined) return undefined;
        taken[0]! += 1;
        let score = 0;
        for (let c = 0; c < length; c++) {
          const ended = take(c, sample[c]!);
          if (learning) level.learn(c, sample[c]!);
          if (learning && ended >= LEAST_STAY) longest[c]!.learn(ended);
          const own = isKnown(c) ? normal.score(c, run[c]!, sensitivity, learned(c)) : 0;
          if (own > score) worst = c;
          score = Math.max(score, own);
          evidence[c] = own > sensitivity ? run[c]! : NOTHING;
        }
        return score;
      },
      moved({ low: lows, rise }) {
        for (let c = 0; c < length; c++) {
          if (Number.isNaN(lows[c]!)) continue;
          low[c]! += rise[c]!;
          high[c]! += rise[c]!;
        }
      },
      flaggedChannels: () => [channels[worst]!],
      reason() {
        const usual = Math.round(normal.usual(worst, learned(worst)));
        const where = `between ${shortNumber(low[worst]!)} and ${shortNumber(high[worst]!)}`;
        return `${channels[worst]} has been ${where} for ${run[worst]} readings, usually for ${usual} at most`;
      },
      evidence,
      accept(lengths, { name, sensitivity, isOver }) {
        const limits = channels.map((of, c) => ({
          of,
          value: () => Math.floor(sensitivity * normal.usual(c, learned(c))),
        }));
        const accept = () => {
          for (let c = 0; c < length; c++) normal.accept(c, lengths[c]!, sensitivity, learned(c), roomOf(isOver));
        };
        return limitChanges(name, limits, accept, ' readings');
      },
      accepted: normal,
      state: {
        low: kept(low, real()),
        high: kept(high, real()),
        run: kept(run, whole()),
        taken: kept(taken, whole()),
        ...prefixed('level', level.state),
        ...normal.state,
        ...statesByChannel(longest.map((each) => ({ longest: each.kept }))),
      },
    };
  },
});
