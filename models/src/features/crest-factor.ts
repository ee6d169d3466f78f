import { meanSquareOf, peakOf, ratio } from './moments.ts';
import { statistic } from './statistic.ts';

/** Crest factor peak/rms of a frame: √2 for a sine, large for single impacts; 0 for a frame of zeros. */
export const crestFactor = statistic('crest-factor', (frame) => ratio(peakOf(frame), Math.sqrt(meanSquareOf(frame))));
