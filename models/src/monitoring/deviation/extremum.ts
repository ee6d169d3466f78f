import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { AcceptedRanges } from '../monitor/accepted-ranges.ts';
import { markEnds } from '../monitor/evidence.ts';
import { type Attention, monitorKind, statesByChannel, watchParameters } from '../monitor/monitor.ts';
import { Settling, taughtForNow } from '../monitor/settling.ts';
import { PastRange } from '../usual/past-range.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 200 },
  sensitivity: { ...watchParameters.sensitivity, default: 0.05 },
} as const satisfies ParameterTable;

/** Of a channel that never moved: any other number is far outside. */
const LEAST_WIDTH = 1e-9;

/**
 * How far beyond its range the farthest of several channels may lie so that this comes no more often than a distance of
 * 0 does of one, in widths: the ends of n numbers with exponential tails are 2 ln n of their scales apart, and a scale
 * farther out is e times as rare. Of what has lighter tails it comes more rarely.
 */
const slackOf = (channels: number, numbers: number) => Math.log(channels) / (2 * Math.log(Math.max(numbers, 2)));

/**
 * Novel extremum: a number outside all that came before. Score = max over channels of the distance from the past range,
 * in widths of that range, less what the number of channels makes of it.
 */
export const extremum = monitorKind({
  type: 'extremum',
  title: 'new extreme',
  about: 'whether a number is higher or lower than ever before',
  parameters,
  channelBytes: 640,

  prepare({ warmUp, normalFor }, { channels }) {
    const { length } = channels;
    const ranges = channels.map(() => new PastRange(warmUp));
    const settled = channels.map(() => new PastRange(warmUp));
    const settling = ranges.map((range, c) => new Settling(range.state, settled[c]!.state));
    const accepted = new AcceptedRanges(length, normalFor);
    const evidence = new Float64Array(2 * length);
    let [worst, measured, passed] = [0, Number.NaN, Number.NaN];

    /** From a range, in its widths. */
    function distance(range: PastRange, x: number): number {
      return range.beyond(x) / (range.width || LEAST_WIDTH) - slackOf(length, range.count);
    }

    function learn(channel: number, x: number, { sensitivity, isWarm, isUnusual }: Attention): void {
      settling[channel]!.begin();
      const isNews = isWarm && distance(settled[channel]!, x) > sensitivity;
      if (isNews || !isUnusual) ranges[channel]!.learn(x);
      if (!isNews && !isUnusual) settled[channel]!.learn(x);
      settling[channel]!.end(isNews);
    }

    return {
      read({ sample }, attention) {
        if (sample === undefined) return undefined;
        let score = 0;
        for (let channel = 0; channel < length; channel++) {
          const [range, x] = [ranges[channel]!, sample[channel]!];
          const own = accepted.judged(channel, distance(range, x), x, attention.sensitivity);
          markEnds(evidence, channel, x, own > attention.sensitivity);
          if (own > score) {
            score = own;
            worst = channel;
            measured = x;
            passed = x > range.high ? range.high : range.low;
          }
          if (attention.learning) learn(channel, x, attention);
        }
        return score;
      },
      moved({ low, high }) {
        for (const [k, range] of ranges.entries()) if (!Number.isNaN(low[k]!)) range.reach(low[k]!, high[k]!);
      },
      flaggedChannels: () => [channels[worst]!],
      reason: () => {
        const never = measured > passed ? 'above' : 'below';
        return `${channels[worst]} is ${shortNumber(measured)}, never ${never} ${shortNumber(passed)} before`;
      },
      evidence,
      accept: (flagged, { name }) => accepted.acceptEnds(name, channels, flagged, (c) => settled[c]!.middle),
      accepted,
      get taught() {
        return taughtForNow(settling.filter((_, c) => ranges[c]!.width > settled[c]!.width));
      },
      state: {
        ...accepted.state,
        ...statesByChannel(
          ranges.map((range, c) => ({ range: range.kept, settled: settled[c]!.kept, settling: settling[c]!.kept })),
        ),
      },
    };
  },
});
