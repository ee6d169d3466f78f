import { kept, real, viewsOf } from '../../kept-numbers.ts';
import { factorInformation, informationOf, solveFactored, writeFactors } from './information-form.ts';
import { linearScores, type Readout, type ReadoutKind, type ReadoutLesson, rescaleRows } from './readout.ts';
import {
  factorsBytes,
  factorsFor,
  factorsWork,
  keptFactors,
  rescaleCovariance,
  scaleCovariance,
  takeSample,
  varianceAlong,
} from './recursive-least-squares.ts';

/** Ridge before anything was learned. */
const FIRST_RIDGE = 1;
/** What a base weighs, in samples. */
const BASE_SAMPLES = 50;
/** D of directions that no sample took, at most. */
const LARGEST = 10;
/** Inputs at most of a read-out whose information is computed: 8 MB a matrix, of which three are needed. */
const MOST_INVERTED = 1025;
/** Lessons take no information away; rounding of what was there does, up to this share. */
const ROUNDING = 0.05;

/**
 * One-hot ridge regression, continued by recursive least squares: after n lessons its weights are those of the batch
 * solution with a ridge of 1. When it settles, the ridge grows by `ridge` for each lesson, and all of it together
 * weighs at most 50 samples.
 */
export function leastSquaresReadout(inputs: number, mostClasses: number, ridge: number): Readout {
  const factors = factorsFor(inputs, FIRST_RIDGE);
  const weights = new Float32Array(inputs * mostClasses);
  /** What all that was learned weighs, in samples. */
  const samples = new Float64Array(1);

  function correct(classes: number, errorOf: (c: number) => number): void {
    const { gain } = factors;
    for (let c = 0; c < classes; c++) {
      const error = errorOf(c);
      const row = c * inputs;
      for (let i = 0; i < inputs; i++) weights[row + i]! += error * gain[i]!;
    }
  }

  /** A ridge is a sample along each axis whose scores should be 0. */
  function addRidge(amount: number): void {
    const axis = new Float64Array(inputs);
    for (let i = 0; i < inputs; i++) {
      axis[i] = 1;
      takeSample(factors, axis, { weight: amount });
      correct(mostClasses, (c) => -weights[c * inputs + i]!);
      axis[i] = 0;
    }
  }

  function weighAtMost(most: number): void {
    const factor = samples[0]! / most;
    if (factor <= 1) return;
    scaleCovariance(factors, factor, LARGEST);
    samples[0] = most;
  }

  return {
    weights,
    state: { weights: kept(weights, real()), ...keptFactors(factors), samples: kept(samples, real(0)) },
    linear: true,
    score: linearScores,
    learn(x, scores, { label, classes, weight }: ReadoutLesson) {
      takeSample(factors, x, { weight });
      correct(classes, (c) => (c === label ? 1 : 0) - scores[c]!);
      samples[0]! += weight;
    },
    // As if P had come from one sample, so that it neither falls with each lesson nor jumps with a base.
    strangeness: (x) => varianceAlong(factors, x) * Math.max(1, samples[0]!),
    settle(lessons) {
      if (lessons > 0) addRidge(ridge * lessons);
      weighAtMost(BASE_SAMPLES);
    },
    weighAtMost,
    rescale(slope, shift, base) {
      rescaleCovariance(factors, slope, shift);
      for (const rows of [weights, base]) rescaleRows(rows, inputs, slope, shift);
    },
    rebase(learned, former, classes) {
      if (inputs > MOST_INVERTED) return 'size';
      const own = { ...factors, weights, samples };
      return addLessons(own, numbersOf(learned), numbersOf(former), classes) ? undefined : 'forgotten';
    },
    begin() {
      factors.upper.fill(0);
      factors.diagonal.fill(1 / FIRST_RIDGE);
      weights.fill(0);
      samples.fill(0);
    },
  };
}

interface Numbers {
  readonly upper: Float32Array;
  readonly diagonal: Float32Array;
  readonly weights: Float32Array;
  readonly samples: Float64Array;
}

function numbersOf({ state }: Readout): Numbers {
  const { upper, diagonal, weights, samples } = viewsOf(state);
  return { upper, diagonal, weights, samples } as Numbers;
}

/**
 * Sums of lessons add up: with A = P⁻¹ and B = A·W, what was learned since is A_learned − A_former and B_learned −
 * B_former. False, with nothing changed, where that is no sum of lessons.
 */
function addLessons(own: Numbers, learned: Numbers, former: Numbers, classes: number): boolean {
  const since = learned.samples[0]! - former.samples[0]!;
  if (since < 0) return false;
  const n = own.diagonal.length;
  const sides = Array.from({ length: classes }, () => new Float64Array(n));
  // One matrix after the other, so that no more than three are there at once.
  const sum = informationOf(learned);
  addProducts(sides, sum, learned.weights, 1);
  const ofFormer = informationOf(former);
  addProducts(sides, ofFormer, former.weights, -1);
  for (let k = 0; k < sum.length; k++) sum[k]! -= ofFormer[k]!;
  if (!isSumOfLessons(sum, ofFormer, n)) return false;
  const ofOwn = informationOf(own);
  addProducts(sides, ofOwn, own.weights, 1);
  for (let k = 0; k < sum.length; k++) sum[k]! += ofOwn[k]!;
  if (!factorInformation(sum, n)) return false;
  for (const [c, side] of sides.entries()) {
    solveFactored(sum, side);
    own.weights.set(side, c * n);
  }
  writeFactors(sum, own);
  own.samples[0]! += since;
  return true;
}

/** Adds ±A·w of the row of weights of each class. */
function addProducts(sides: readonly Float64Array[], a: Float64Array, weights: Float32Array, sign: 1 | -1): void {
  for (const [c, side] of sides.entries()) {
    const n = side.length;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * weights[c * n + k]!;
      side[i]! += sign * sum;
    }
  }
}

/** Whether a difference is positive semidefinite, as far as rounding shows; overwrites `former`. */
function isSumOfLessons(difference: Float64Array, former: Float64Array, n: number): boolean {
  for (let k = 0; k < former.length; k++) former[k] = difference[k]! + ROUNDING * former[k]!;
  return factorInformation(former, n);
}

/** The same as a kind. */
export function leastSquares(ridge: number): ReadoutKind {
  return {
    open: (inputs, mostClasses) => leastSquaresReadout(inputs, mostClasses, ridge),
    cost(inputs, mostClasses, classes) {
      const [bytes, work] = [factorsBytes(inputs), factorsWork(inputs)];
      const products = inputs * classes;
      return {
        learnedBytes: 4 * inputs * mostClasses + bytes.learned + 8,
        workingBytes: bytes.working,
        scoreWork: products,
        lessonWork: work.sample + products,
        strangenessWork: work.variance,
      };
    },
  };
}
