import { meanOf } from './figures.ts';

/** 97.5 % quantiles of Student's t for 1 … 30 degrees of freedom. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL = 1.96;

export interface Interval {
  readonly mean: number;
  /** Half the width of the 95 % interval of the mean; undefined of a single value. */
  readonly half: number | undefined;
}

/** Mean and 95 % interval of values that are taken to be drawn independently (Student 1908). */
export function intervalOf(values: readonly number[]): Interval {
  const mean = meanOf(values);
  const freedom = values.length - 1;
  if (freedom < 1) return { mean, half: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
  return { mean, half: (STUDENT[freedom - 1] ?? NORMAL) * Math.sqrt(variance / values.length) };
}

/** Of paired differences: who is better. Inside the interval nobody claims a win. */
export function verdictOf({ mean, half }: Interval): 'better' | 'worse' | 'open' {
  if (half === undefined || Math.abs(mean) <= half) return 'open';
  return mean > 0 ? 'better' : 'worse';
}
