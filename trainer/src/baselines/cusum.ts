import type { AnomalyScore } from './anomaly-score.ts';
import { RunningMoments } from './running-moments.ts';

/** Deviations that a number may lie from its mean without adding to the sum. */
const SLACK = 0.5;
/** Deviations that one number counts as at most. */
const FARTHEST = 8;
/** The sum is known of an alarm long before, and has to come down again. */
const HIGHEST = 100;

/**
 * Cumulative sum of what lies beyond half a deviation from the mean, to either side (Page 1954), per channel; mean and
 * deviation are those of the last thousand readings or so.
 */
export function cusum(channels: number): AnomalyScore {
  const moments = Array.from({ length: channels }, () => new RunningMoments(1000));
  const up = new Float64Array(channels);
  const down = new Float64Array(channels);
  return {
    scoreOf(values) {
      let highest = 0;
      for (const [channel, known] of moments.entries()) {
        const z = Math.max(-FARTHEST, Math.min(FARTHEST, known.deviationsOf(values[channel]!)));
        up[channel] = Math.max(0, Math.min(HIGHEST, up[channel]! + z - SLACK));
        down[channel] = Math.max(0, Math.min(HIGHEST, down[channel]! - z - SLACK));
        known.add(values[channel]!);
        highest = Math.max(highest, up[channel]!, down[channel]!);
      }
      return highest;
    },
  };
}
