import { meanOf } from './moments.ts';
import { statistic } from './statistic.ts';

/** Share of the n − 1 intervals of a frame in which x crosses the frame's mean, 0 … 1: of a sine of f Hz at r samples/s about 2f/r. */
export const zeroCrossings = statistic('zero-crossings', (frame) => {
  const middle = meanOf(frame);
  let crossings = 0;
  let side = 0;
  for (let k = 0; k < frame.length; k++) {
    const now = Math.sign(frame[k]! - middle);
    // A sample on the mean belongs to the side before it.
    if (now === 0) continue;
    if (side !== 0 && now !== side) crossings++;
    side = now;
  }
  return crossings / (frame.length - 1);
});
