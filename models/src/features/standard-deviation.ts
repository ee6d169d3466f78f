import { meanOf, varianceOf } from './moments.ts';
import { statistic } from './statistic.ts';

/** Standard deviation σ = √(Σ (x − μ)² / n) of a frame. */
export const standardDeviation = statistic('standard-deviation', (frame) =>
  Math.sqrt(varianceOf(frame, meanOf(frame))),
);
