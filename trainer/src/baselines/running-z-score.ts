import type { AnomalyScore } from './anomaly-score.ts';
import { RunningMoments } from './running-moments.ts';

/**
 * The largest z-score of a reading: how many deviations from the mean of all that came, with a memory of 10,000
 * readings. With `smoothing` above 1, of the exponential mean over as many readings (Roberts 1959).
 */
export function runningZScore(channels: number, smoothing = 1): AnomalyScore {
  const moments = Array.from({ length: channels }, () => new RunningMoments(10_000));
  const smooth = new Float64Array(channels);
  let count = 0;
  return {
    scoreOf(values) {
      count++;
      let largest = 0;
      for (const [channel, known] of moments.entries()) {
        smooth[channel]! += (values[channel]! - smooth[channel]!) / Math.min(count, smoothing);
        largest = Math.max(largest, Math.abs(known.deviationsOf(smooth[channel]!)));
        known.add(smooth[channel]!);
      }
      return largest;
    },
  };
}
