import { peakOf } from './moments.ts';
import { statistic } from './statistic.ts';

/** Peak max |x| of a frame. */
export const peak = statistic('peak', peakOf);
