import type { LabelledSamples } from '@spikewire/engine/data';
import { type Standard, standardOf } from '../samples/standard.ts';
import { type ClassifierKind, type ClassifierSite, countsOf, type StreamClassifier, softmax } from './classifier.ts';

/** Ridge, as a part of a sample's square; how many samples the base weighs; slope of the answer's probabilities. */
const [RIDGE, BASE_WEIGHT, SLOPE] = [0.05, 50, 6];
/** Added to the deviation of a number, so that one that hardly varies does not become loud. */
const STEADY = 0.3;

/** A linear read-out of one-hot targets by recursive least squares, covariance form (Haykin 2002, table 9.1, λ = 1). */
export class LinearLeastSquares implements StreamClassifier {
  readonly #scale: Standard;
  /** One row per class. */
  readonly #weights: Float64Array[];
  readonly #covariance: Float64Array[];
  readonly #counts: Float64Array;
  readonly #weighted: boolean;
  readonly #answer: Float64Array;

  constructor(
    scale: Standard,
    weights: Float64Array[],
    covariance: Float64Array[],
    counts: Float64Array,
    weighted: boolean,
  ) {
    this.#scale = scale;
    this.#weights = weights;
    this.#covariance = covariance;
    this.#counts = counts;
    this.#weighted = weighted;
    this.#answer = new Float64Array(counts.length);
  }

  get weights(): readonly Float64Array[] {
    return this.#weights;
  }

  predict(sample: ArrayLike<number>): Float64Array {
    const h = scaled(sample, this.#scale);
    for (const [k, row] of this.#weights.entries()) this.#answer[k] = SLOPE * dot(row, h);
    return softmax(this.#answer);
  }

  learn(sample: ArrayLike<number>, label: number): void {
    this.#counts[label]!++;
    const h = scaled(sample, this.#scale);
    const weight = this.#weighted ? weightOf(label, this.#counts) : 1;
    const ph = Float64Array.from(this.#covariance, (row) => dot(row, h));
    const denominator = 1 / weight + dot(h, ph);
    for (const [k, row] of this.#weights.entries()) {
      const error = ((k === label ? 1 : 0) - dot(row, h)) / denominator;
      for (let i = 0; i < row.length; i++) row[i]! += error * ph[i]!;
    }
    for (const [i, row] of this.#covariance.entries()) {
      const factor = ph[i]! / denominator;
      for (let j = 0; j < row.length; j++) row[j]! -= factor * ph[j]!;
    }
  }
}

/** Scaled, and 1 for the bias. */
function scaled(sample: ArrayLike<number>, { mean, deviation }: Standard): Float64Array {
  return Float64Array.from({ length: mean.length + 1 }, (_, j) =>
    j < mean.length ? (sample[j]! - mean[j]!) / deviation[j]! : 1,
  );
}

function weightOf(label: number, counts: Float64Array): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return Math.min(3, Math.sqrt(all / counts.length / Math.max(1, counts[label]!)));
}

/**
 * The ridge solution of the base, whose covariance counts as if it were of 50 samples, goes on by recursive least
 * squares.
 */
export function leastSquaresOf({ samples, labels }: LabelledSamples, { classes, weighted }: ClassifierSite) {
  const scale = standardOf(samples, STEADY);
  const counts = countsOf(labels, classes);
  const size = samples[0]!.length + 1;
  const square = Array.from({ length: size }, (_, i) => new Float64Array(size).fill(RIDGE, i, i + 1));
  const product = Array.from({ length: classes }, () => new Float64Array(size));
  for (const [n, sample] of samples.entries()) {
    const h = scaled(sample, scale);
    const share = (weighted ? weightOf(labels[n]!, counts) : 1) / samples.length;
    for (let i = 0; i < size; i++) {
      const part = share * h[i]!;
      product[labels[n]!]![i]! += part;
      const row = square[i]!;
      for (let j = 0; j < size; j++) row[j]! += part * h[j]!;
    }
  }
  const inverse = inverted(square);
  const weights = product.map((own) => Float64Array.from(inverse, (row) => dot(row, own)));
  return () =>
    new LinearLeastSquares(
      scale,
      weights.map((row) => row.slice()),
      inverse.map((row) => row.map((value) => value / BASE_WEIGHT)),
      counts.slice(),
      weighted,
    );
}

export const linearLeastSquares: ClassifierKind = { name: 'linear-rls', view: 'base', fit: leastSquaresOf };

/** The same on what the neurons of a net see: both normalisations. */
export const linearLeastSquaresOfBoth: ClassifierKind = { name: 'linear-rls-both', view: 'both', fit: leastSquaresOf };

/** The inverse of a symmetric positive definite matrix, by Gauss and Jordan. */
function inverted(matrix: readonly Float64Array[]): Float64Array[] {
  const size = matrix.length;
  const rows = matrix.map((row) => row.slice());
  for (let pivot = 0; pivot < size; pivot++) {
    const own = rows[pivot]!;
    const divisor = own[pivot]!;
    own[pivot] = 1;
    for (let j = 0; j < size; j++) own[j]! /= divisor;
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue;
      const row = rows[i]!;
      const factor = row[pivot]!;
      row[pivot] = 0;
      for (let j = 0; j < size; j++) row[j]! -= factor * own[j]!;
    }
  }
  return rows;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
