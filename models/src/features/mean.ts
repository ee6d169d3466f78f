import { meanOf } from './moments.ts';
import { statistic } from './statistic.ts';

/** Mean μ = Σ x / n of a frame. */
export const mean = statistic('mean', meanOf);
