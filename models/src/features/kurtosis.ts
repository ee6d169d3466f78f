import { standardizedMoment } from './moments.ts';
import { statistic } from './statistic.ts';

/**
 * Kurtosis E[((x − μ)/σ)⁴] of a frame (Dyer and Stewart 1978, for rolling bearings): 3 for normal noise, 1.5 for a sine, more for
 * impacts, whatever their strength; 0 for a frame that does not vary.
 */
export const kurtosis = statistic('kurtosis', (frame) => standardizedMoment(frame, 4));
