import { meanMagnitudeOf, meanSquareOf, ratio } from './moments.ts';
import { statistic } from './statistic.ts';

/** Shape factor rms / mean |x| of a frame: π/(2√2) for a sine, 1 for a square wave; 0 for a frame of zeros. */
export const shapeFactor = statistic('shape-factor', (frame) =>
  ratio(Math.sqrt(meanSquareOf(frame)), meanMagnitudeOf(frame)),
);
