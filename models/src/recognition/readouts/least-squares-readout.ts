import { kept, real } from '../../kept-numbers.ts';
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
    begin() {
      factors.upper.fill(0);
      factors.diagonal.fill(1 / FIRST_RIDGE);
      weights.fill(0);
      samples.fill(0);
    },
  };
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
