import type { AnomalyScore } from './anomaly-score.ts';
import { RunningMoments } from './running-moments.ts';

/** z² of one channel counts as at most so much. */
const LARGEST = 100;

/** The mean over channels of z², by mean and deviation of the first readings, which it does not go on learning. */
export function firstReadingsZ(channels: number, first = 400): AnomalyScore {
  const moments = Array.from({ length: channels }, () => new RunningMoments(first, 1e-3));
  let count = 0;
  return {
    scoreOf(values) {
      let sum = 0;
      for (const [channel, known] of moments.entries()) {
        sum += Math.min(LARGEST, known.deviationsOf(values[channel]!) ** 2);
        if (count < first) known.add(values[channel]!);
      }
      count++;
      return sum / channels;
    },
  };
}
