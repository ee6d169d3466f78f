import { standardizedMoment } from './moments.ts';
import { statistic } from './statistic.ts';

/** Skewness E[((x − μ)/σ)³] of a frame: 0 for a symmetric distribution, and for a frame that does not vary. */
export const skewness = statistic('skewness', (frame) => standardizedMoment(frame, 3));
