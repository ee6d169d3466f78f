import { type KeptState, kept, real } from '../../kept-numbers.ts';

/** What saved factors may be, far beyond those of real samples: single precision can go on with it. */
const LARGEST = 1e12;
export const UPPER = real(-LARGEST, LARGEST);
export const DIAGONAL = real(0, LARGEST);

/**
 * P = U·D·Uᵀ, the covariance of recursive least squares: U unit upper triangular, D > 0. So it stays symmetric and
 * positive definite, whatever is rounded (Bierman 1977, Factorization Methods for Discrete Sequential Estimation).
 */
export interface Factors {
  /** Column j of U begins at j·(j − 1)/2; its diagonal is not stored. */
  readonly upper: Float32Array;
  readonly diagonal: Float32Array;
  /** Of the last sample: what its error is multiplied with. */
  readonly gain: Float32Array;
}

/** P as it is saved. A model's file may round U: P stays positive definite. */
export function keptFactors({ upper, diagonal }: Pick<Factors, 'upper' | 'diagonal'>): KeptState<Float32Array> {
  return { upper: { ...kept(upper, UPPER), rounded: true }, diagonal: kept(diagonal, DIAGONAL) };
}

/** Bytes of U and D, and of the gain. */
export function factorsBytes(inputs: number): { readonly learned: number; readonly working: number } {
  return { learned: 4 * ((inputs * (inputs - 1)) / 2 + inputs), working: 4 * inputs };
}

/** Multiply-adds of `takeSample` and of `varianceAlong`. */
export function factorsWork(inputs: number): { readonly sample: number; readonly variance: number } {
  const pairs = (inputs * (inputs - 1)) / 2;
  return { sample: 3 * pairs + inputs, variance: pairs + 2 * inputs };
}

export interface SampleOptions {
  /** How much the sample counts, > 0; 1. */
  readonly weight?: number;
  /** λ, what a sample still weighs after the next; 1: as much as ever. */
  readonly forgetting?: number;
  /** Forgetting lets D grow to at most this. */
  readonly largest?: number;
}

/** Memory for samples of n numbers: (n² + 3n)/2 numbers. */
export function factorsFor(inputs: number, ridge: number): Factors {
  const upper = new Float32Array((inputs * (inputs - 1)) / 2);
  return { upper, diagonal: new Float32Array(inputs).fill(1 / ridge), gain: new Float32Array(inputs) };
}

/**
 * One sample x of weight w: gain k = Px/(λ/w + xᵀPx), P ← (P − k·xᵀP)/λ (Haykin, Adaptive Filter Theory, chapter on
 * RLS; Bierman's update of U and D). 1.5·n² multiplications.
 */
export function takeSample(
  { upper, diagonal, gain }: Factors,
  x: Float64Array,
  { weight = 1, forgetting = 1, largest = Number.POSITIVE_INFINITY }: SampleOptions = {},
): void {
  let alpha = forgetting / weight;
  for (let j = 0; j < x.length; j++) {
    const column = (j * (j - 1)) / 2;
    let f = x[j]!;
    for (let i = 0; i < j; i++) f += upper[column + i]! * x[i]!;
    const d = diagonal[j]!;
    const v = d * f;
    const next = alpha + v * f;
    diagonal[j] = Math.min(largest, (d * alpha) / (next * forgetting));
    gain[j] = v;
    const step = -f / alpha;
    for (let i = 0; i < j; i++) {
      const u = upper[column + i]!;
      upper[column + i] = u + gain[i]! * step;
      gain[i]! += u * v;
    }
    alpha = next;
  }
  for (let i = 0; i < x.length; i++) gain[i]! /= alpha;
}

/** P times a factor, D at most `largest`: above 1, what comes counts for more than what was. */
export function scaleCovariance({ diagonal }: Factors, factor: number, largest = Number.POSITIVE_INFINITY): void {
  for (let j = 0; j < diagonal.length; j++) diagonal[j] = Math.min(largest, diagonal[j]! * factor);
}

/**
 * P of the same samples in another scale: x₀ = 1 stays, x_i ← slope_i·x_i + shift_i from i = 1. With x ← Tx it is
 * T⁻ᵀ·P·T⁻¹, and T⁻ᵀ is upper triangular, so that U and D are found without a factorisation.
 */
export function rescaleCovariance({ upper, diagonal }: Factors, slope: Float64Array, shift: Float64Array): void {
  for (let j = 1; j < diagonal.length; j++) {
    const column = (j * (j - 1)) / 2;
    const own = slope[j]!;
    let first = upper[column]! - shift[j]! / own;
    for (let i = 1; i < j; i++) {
      const u = upper[column + i]! / slope[i]!;
      first -= shift[i]! * u;
      upper[column + i] = u * own;
    }
    upper[column] = first * own;
    diagonal[j]! /= own * own;
  }
}

/** xᵀPx: the variance that is left in direction of x, in units of that of an error; ½·n² multiplications. */
export function varianceAlong({ upper, diagonal }: Factors, x: Float64Array): number {
  let variance = 0;
  const f = new Float64Array(COLUMNS);
  for (let j = 0; j < x.length; j += COLUMNS) {
    columnsAlong(upper, x, j, f);
    const count = Math.min(COLUMNS, x.length - j);
    for (let k = 0; k < count; k++) variance += diagonal[j + k]! * f[k]! * f[k]!;
  }
  return variance;
}

const COLUMNS = 4;

/**
 * Writes what x is along the columns of U from j on. Sums that do not wait for each other take half the time; each has
 * the order, and the bits, that it has alone.
 */
function columnsAlong(upper: Float32Array, x: Float64Array, j: number, f: Float64Array): void {
  const isWhole = j + COLUMNS <= x.length;
  const first = (j * (j - 1)) / 2;
  if (isWhole) sumAlong(upper, first, x, j, f);
  for (let k = 0, column = first; k < COLUMNS && j + k < x.length; column += j + k, k++) {
    let sum = isWhole ? f[k]! : x[j + k]!;
    for (let i = isWhole ? j : 0; i < j + k; i++) sum += upper[column + i]! * x[i]!;
    f[k] = sum;
  }
}

/** The same of the rows above j, of four columns. */
function sumAlong(upper: Float32Array, first: number, x: Float64Array, j: number, f: Float64Array): void {
  const [second, third, fourth] = [first + j, first + 2 * j + 1, first + 3 * j + 3];
  let [f0, f1, f2, f3] = [x[j]!, x[j + 1]!, x[j + 2]!, x[j + 3]!];
  for (let i = 0; i < j; i++) {
    const own = x[i]!;
    f0 += upper[first + i]! * own;
    f1 += upper[second + i]! * own;
    f2 += upper[third + i]! * own;
    f3 += upper[fourth + i]! * own;
  }
  f[0] = f0;
  f[1] = f1;
  f[2] = f2;
  f[3] = f3;
}
