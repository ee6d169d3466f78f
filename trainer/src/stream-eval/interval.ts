import { RandomGenerator } from '@spikewire/models';
import { meanOf } from './figures.ts';

/** 97.5 % quantiles of Student's t for 1 … 30 degrees of freedom. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL = 1.96;
/** So that whole degrees of freedom stay whole. */
const ROUNDING = 1e-9;
/** Samples that are drawn of the streams. */
const RESAMPLES = 2000;

export interface Interval {
  readonly mean: number;
  /** Half the width of the 95 % interval of the mean; undefined of a single value. */
  readonly half: number | undefined;
}

/**
 * Mean and 95 % interval of every front with every draw of labels, front by front in rows of `draws`. Runs that share a
 * front or a draw are not independent, so that the variances of the means of rows and of columns are added, with
 * degrees of freedom after Satterthwaite (1946): for a single row or column Student's interval (1908). What is by
 * chance in one cell is in both variances, which makes the interval rather too wide.
 */
export function intervalOf(values: readonly number[], draws: number): Interval {
  const rows = Array.from({ length: values.length / draws }, (_, row) =>
    meanOf(values.slice(row * draws, (row + 1) * draws)),
  );
  const columns = Array.from({ length: draws }, (_, column) => meanOf(values.filter((_, n) => n % draws === column)));
  const parts = [rows, columns]
    .filter(({ length }) => length > 1)
    .map((means) => ({
      variance: varianceOfMean(means),
      freedom: means.length - 1,
    }));
  const mean = meanOf(values);
  if (parts.length === 0) return { mean, half: undefined };
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const spread = parts.reduce((sum, part) => sum + part.variance ** 2 / part.freedom, 0);
  const freedom = spread === 0 ? 1 : Math.floor(variance ** 2 / spread + ROUNDING);
  return { mean, half: (STUDENT[freedom - 1] ?? NORMAL) * Math.sqrt(variance) };
}

/**
 * 95 % interval of the mean over further streams of the kind, such as other people: the percentiles of the means of
 * 2000 samples of the values, drawn with replacement (Efron 1979). Undefined of a single value. Few streams make it
 * too narrow.
 */
export function bootstrapOf(values: readonly number[]): readonly [low: number, high: number] | undefined {
  if (values.length < 2) return undefined;
  const random = new RandomGenerator(1, 'bootstrap over streams');
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(values.map(() => values[random.nextInteger(values.length)]!)),
  ).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * RESAMPLES)]!, means[Math.ceil(0.975 * RESAMPLES) - 1]!];
}

function varianceOfMean(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length;
}

/** Of paired differences: who is better. Inside the interval nobody claims a win. */
export function verdictOf({ mean, half }: Interval): 'better' | 'worse' | 'open' {
  if (half === undefined || Math.abs(mean) <= half) return 'open';
  return mean > 0 ? 'better' : 'worse';
}
