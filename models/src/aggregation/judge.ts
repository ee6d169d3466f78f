import { medianOf } from './robust-means.ts';

/** When the errors of a part are too far from those of the others. */
export interface Thresholds {
  /** Robust deviations above the median of an error of all classes together, and of one class. */
  readonly spread: number;
  readonly classSpread: number;
  /** Squared errors per sample above the median that are always borne. */
  readonly least: number;
  readonly classLeast: number;
  /** A part with r times the median error weighs r^−trust, r > 1. */
  readonly trust: number;
}

export interface Judged {
  /** What each part weighs, 0…1; 0: it is left out. */
  readonly weights: Float64Array;
  readonly reasons: ReadonlyMap<number, string>;
}

/** The median absolute deviation of normal numbers with deviation 1 is 1/1.4826. */
const NORMAL = 1.4826;

/**
 * Judges parts among each other, by the errors of one reference on each (`squaredErrors`): outliers are left out; of
 * the others none counts for more samples than the median has, and those with large errors count for less.
 */
export function judge(errors: readonly Float64Array[], samples: readonly number[], thresholds: Thresholds): Judged {
  const weights = new Float64Array(errors.length).fill(1);
  const reasons = new Map<number, string>();
  if (errors.length === 0) return { weights, reasons };
  const last = errors[0]!.length - 1;
  const { spread, classSpread, least, classLeast, trust } = thresholds;
  for (let c = last; c >= 0; c--) {
    const own = errors.map((each) => each[c]!);
    const limit = c === last ? limitOf(own, spread, least) : limitOf(own, classSpread, classLeast);
    const what = c === last ? 'its samples' : `class ${c}`;
    for (const [k, error] of own.entries()) {
      if (error <= limit || reasons.has(k)) continue;
      reasons.set(k, `does not agree with the others on ${what}`);
      weights[k] = 0;
    }
  }
  const usual = medianOf(errors.map((each) => each[last]!));
  const size = medianOf(samples);
  for (let k = 0; k < weights.length; k++) {
    const doubt = Math.min(1, usual / errors[k]![last]!) ** trust;
    weights[k]! *= Math.min(1, size / samples[k]!) * (Number.isFinite(doubt) ? doubt : 1);
  }
  return { weights, reasons };
}

function limitOf(values: readonly number[], spread: number, least: number): number {
  const median = medianOf(values);
  const deviation = NORMAL * medianOf(values.map((value) => Math.abs(value - median)));
  return median + Math.max(least, spread * deviation);
}
