import { statistic } from './statistic.ts';

/** Peak to peak max x − min x of a frame. */
export const peakToPeak = statistic('peak-to-peak', (frame) => {
  let low = frame[0]!;
  let high = frame[0]!;
  for (let k = 1; k < frame.length; k++) {
    low = Math.min(low, frame[k]!);
    high = Math.max(high, frame[k]!);
  }
  return high - low;
});
